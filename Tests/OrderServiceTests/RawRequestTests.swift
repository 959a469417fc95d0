import Logging
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import OrderService

@Suite("Bytes that no well-meaning client sends")
struct RawRequestTests {
    private static let ordinary =
        "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
        + "Content-Length: \(OrderRig.good.utf8.count)\r\n\r\n\(OrderRig.good)"

    private static func post(_ rest: String) -> RawRequest {
        raw(
            "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n\(rest)"
        )
    }

    private static func raw(_ text: String) -> RawRequest { RawRequest(text: text) }

    private static func get(_ target: String) -> RawRequest {
        raw("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    }

    @Test(
        "a strange target names what it says or nothing at all",
        arguments: [
            (get("http://elsewhere.example/orders"), [200, 404]), (get("*"), [400, 404]),
            (get("/orders?"), [200]),
            (get("/orders/../../etc/passwd"), [404]), (get("/%2e%2e/%2e%2e/etc/passwd"), [404]),
            (get("/orders/%00"), [404]), (get("/orders/%"), [400, 404]), (get("/orders/%zz"), [400, 404]),
            (get("/orders/%ff%fe"), [400, 404]), (get("//orders"), [200, 404]), (get("/orders/\u{0}"), [400]),
            (get("/orders/é"), [400, 404]), (get("orders"), [400, 404]),
            (get("/orders#top"), [200, 400, 404]),
            (get("/orders?limit=1&limit=2"), [200]), (get("/orders?limit=%31"), [200]),
            (get("/orders?limit=\u{7f}"), [400, 422]), (get("/orders?after=%00"), [422]),
            (get("/" + String(repeating: "a", count: 15_000)), [404]),
            (get("/" + String(repeating: "a", count: 100_000)), [400, 414]),
            (get("/" + String(repeating: "../", count: 3_000)), [404]),
        ] as [(RawRequest, [Int])]
    )
    func targets(request: RawRequest, statuses: [Int]) async throws {
        try await expect(request, statuses)
    }

    @Test(
        "a method that is none of ours is refused",
        arguments: [
            (raw("get /orders HTTP/1.1\r\nHost: a\r\n\r\n"), [400, 405]),
            (raw("PURGE /orders HTTP/1.1\r\nHost: a\r\n\r\n"), [400, 405]),
            (raw("TRACE /orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), [405]),
            (raw("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), [400, 404, 405]),
            (raw("CONNECT a:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), [400, 404, 405]),
            (raw("G\u{0}T /orders HTTP/1.1\r\n\r\n"), [400]),
            (raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), [400, 404, 405, 505]),
            (raw("GET /orders\r\n\r\n"), [400]), (raw("GET /orders HTTP/9.9\r\n\r\n"), [400, 505]),
            (raw("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n"), [400]),
        ] as [(RawRequest, [Int])]
    )
    func methods(request: RawRequest, statuses: [Int]) async throws {
        try await expect(request, statuses)
    }

    @Test(
        "a head or a body that can be read in two ways, or not at all, is refused",
        arguments: [
            post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            post("Content-Length: 4\r\nContent-Length: 5\r\n\r\n1234"),
            post("Content-Length: 99999999999999999999\r\n\r\n"), post("Content-Length: 0x3a\r\n\r\n"),
            post("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
            post("Transfer-Encoding: chunked\r\n\r\n-1\r\n"), post("Transfer-Encoding: chunked\r\n\r\nz\r\n"),
            post("Transfer-Encoding: gzip, chunked, chunked\r\n\r\n0\r\n\r\n"),
            post("X-Nul: a\u{0}b\r\n\r\n"), post("X Blank: a\r\n\r\n"), post(": nameless\r\n\r\n"),
            post("Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"),
            post("Content-Length: 0\r\n\r\n"),
        ]
    )
    func framing(request: RawRequest) async throws {
        try await expect(request, [400, 415])
    }

    @Test(
        "who expects 100 and sends the body all the same is answered, and so is each of two requests sent at once"
    )
    func honestOddities() async throws {
        try await withService { rig, port in
            let asking = Self.post(
                "Expect: 100-continue\r\nContent-Length: \(OrderRig.good.utf8.count)\r\n\r\n\(OrderRig.good)"
            )
            let asked = try await statuses(asking.text, port)
            #expect(asked == [201])
            let pipelined = "GET /orders HTTP/1.1\r\nHost: a\r\n\r\n" + Self.ordinary
            let both = try await statuses(pipelined, port)
            #expect(both == [200, 201])
            let halfGarbage = "GET /orders HTTP/1.1\r\nHost: a\r\n\r\ngarbage\r\n\r\n"
            let half = try await statuses(halfGarbage, port)
            #expect(half == [200, 400])
            #expect(try await rig.store.page(limit: 10, after: nil).orders.count == 2)
        }
    }

    /// Sends a request; it gets one of the statuses and keeps no order, and the next client's order is accepted.
    private func expect(_ request: RawRequest, _ expected: [Int]) async throws {
        try await withService { rig, port in
            let statuses = try await statuses(request.text, port)
            #expect(statuses.count == 1)
            #expect(Set(expected).isSuperset(of: statuses), "\(statuses)")
            #expect(try await rig.store.page(limit: 1, after: nil).orders.isEmpty)
            let next = try await self.statuses(Self.ordinary, port)
            #expect(next == [201])
        }
    }

    /// Says all at once and waits until the server closes.
    ///
    /// - Returns: The final status of each answer.
    private func statuses(_ words: String, _ port: UInt16) async throws -> [Int] {
        let stream = try TestStream(connectingTo: port)
        #expect(stream.send(words) == words.utf8.count)
        let said = try await stream.untilEnd()
        return said.matches(of: /HTTP\/1\.1 (\d{3})\s/).compactMap { Int($0.1) }.filter { $0 >= 200 }
    }

    private func withService(_ body: (OrderRig, UInt16) async throws -> Void) async throws {
        let rig = try await OrderRig()
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let listener = HTTPListener(
            router: rig.router(),
            host: "127.0.0.1",
            port: 0,
            portKey: "http.port",
            patience: .seconds(2),
            logger: quiet
        ) { port.yield($0) }
        let group = ServiceGroup(services: [listener], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            try await body(rig, UInt16(try #require(await iterator.next())))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

/// A request as it goes over the wire.
struct RawRequest: Sendable, CustomTestStringConvertible {
    let text: String

    /// One short line, whatever is in it.
    var testDescription: String { String(text.debugDescription.prefix(100)) }
}
