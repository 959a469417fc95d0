import CoreMetrics
import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import ServiceKit

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Asks a server over a real socket.
private func get(_ path: String, port: Int) async throws -> (status: Int, type: String?, text: String) {
    let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
    let (data, response) = try await URLSession.shared.data(from: url)
    let http = try #require(response as? HTTPURLResponse)
    return (
        http.statusCode, http.value(forHTTPHeaderField: "Content-Type"), String(decoding: data, as: UTF8.self)
    )
}

@Suite("The admin server")
struct AdminServerTests {
    private let health = HealthRegistry()
    private let metrics = PrometheusRegistry()
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a server on a free port, and stops it gracefully afterwards.
    private func withServer(_ body: (Int) async throws -> Void) async throws {
        let server = AdminServer(settings: AdminSettings(), health: health, metrics: metrics, logger: quiet)
        let group = ServiceGroup(services: [server], logger: quiet)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body(await server.port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test("answers health and metrics over a real socket, and stops when told")
    func calls() async throws {
        Counter(label: "n_total", factory: metrics).increment()
        health.register("broker") { .failing("away") }
        try await withServer { port in
            let live = try await get("/health/live", port: port)
            #expect(live.status == 200)
            #expect(live.text == #"{"status":"ok","checks":{}}"#)
            let ready = try await get("/health/ready", port: port)
            #expect(ready.status == 503)
            #expect(ready.type == "application/json")
            #expect(ready.text == #"{"status":"unavailable","checks":{"broker":"away"}}"#)
            health.register("broker") { .ok }
            #expect(try await get("/health/ready", port: port).status == 200)
            let text = try await get("/metrics", port: port)
            #expect(text.type == "text/plain; version=0.0.4; charset=utf-8")
            #expect(text.text.contains("\nn_total 1\n"))
            #expect(try await get("/nothing", port: port).status == 404)
        }
    }

    @Test("an address in use ends the program with a settings error naming the key")
    func inUse() async throws {
        try await withServer { port in
            let second = AdminServer(
                settings: AdminSettings(port: port),
                health: health,
                metrics: metrics,
                logger: quiet
            )
            let error = await #expect(throws: StartError.self) { try await second.run() }
            #expect(error?.exitCode == .settings)
            #expect(
                error?.explanation.hasPrefix("admin.port: cannot listen on 127.0.0.1 port \(port)") == true
            )
        }
    }

    @Test("switched off, it listens nowhere and still stops when told")
    func off() async throws {
        let server = AdminServer(
            settings: AdminSettings(port: nil),
            health: health,
            metrics: metrics,
            logger: quiet
        )
        let group = ServiceGroup(services: [server], logger: quiet)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
