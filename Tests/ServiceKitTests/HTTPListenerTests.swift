import Hummingbird
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServiceKit

@Suite("The HTTP listener")
struct HTTPListenerTests {
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func listener(
        host: String = "127.0.0.1",
        patience: Duration = .seconds(60),
        limits: HTTPLimits = .usual,
        certificate: ServerCertificate? = nil,
        stopPatience: Duration = .seconds(10),
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> HTTPListener<BasicRequestContext> {
        let router = Router()
        router.post("/echo") { request, _ in try await request.body.collect(upTo: 100) }
        return HTTPListener(
            router: router,
            host: host,
            port: 0,
            portKey: "http.port",
            patience: patience,
            limits: limits,
            certificate: certificate,
            stopPatience: stopPatience,
            logger: quiet,
            onListening: onListening
        )
    }

    func withListener(
        patience: Duration = .seconds(60),
        limits: HTTPLimits = .usual,
        certificate: ServerCertificate? = nil,
        stopPatience: Duration = .seconds(10),
        _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let listener = listener(
            patience: patience,
            limits: limits,
            certificate: certificate,
            stopPatience: stopPatience
        ) { port.yield($0) }
        let group = ServiceGroup(services: [listener], logger: quiet)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            try await body(try #require(await iterator.next()))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test(
        "what is no HTTP gets 400 with a problem document, and the connection is closed",
        arguments: [
            "garbage\\r\\n\\r\\n", "POST /echo HTTP/1.1\\r\\nContent-Length: x\\r\\n\\r\\n",
            "POST /echo HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nz\\r\\n",
        ]
    )
    func noHTTP(words: String) async throws {
        try await withListener { port in
            let answer = try await Conversation(port: port, saying: words).answer()
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains("\r\nContent-Type: application/problem+json\r\n"))
            let document = try #require(answer.split(separator: "\r\n\r\n").last)
            #expect(answer.contains("\r\nContent-Length: \(document.utf8.count)\r\n"))
            #expect(document.hasPrefix(#"{"type":"about:blank","title":"Bad Request","status":400,"#))
        }
    }

    @Test(
        "a client that falls silent is not waited for, wherever in its request it stops",
        arguments: [
            "", "POST /ec", "POST /echo HTTP/1.1\\r\\nContent-Length: 9\\r\\n\\r\\n12345",
            "POST /echo HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\n12",
        ]
    )
    func silence(words: String) async throws {
        try await withListener(patience: .milliseconds(300)) { port in
            let answer = try await Conversation(port: port, saying: words).answer()
            // Only the last one has asked something.
            #expect(answer.hasPrefix("HTTP/1.1 200 OK") == words.hasSuffix("\\n12"))
        }
    }

    @Test(
        "a client that never finishes its request does not keep the program from stopping",
        .timeLimit(.minutes(1))
    )
    func stopping() async throws {
        var conversation: Conversation?
        try await withListener(stopPatience: .milliseconds(200)) { port in
            conversation = try Conversation(
                port: port,
                saying:
                    "POST /echo HTTP/1.1\\r\\n\\r\\nPOST /echo HTTP/1.1\\r\\nContent-Length: 9\\r\\n\\r\\n1"
            )
            // The answer to the first request shows that the second has been taken up.
            try await eventually("the second request has begun") {
                conversation?.said.contains("200 OK") == true
            }
        }
        _ = try await conversation?.answer()
    }

    @Test("a host that nobody knows ends the program with a settings error naming the key")
    func unknownHost() async throws {
        let error = await #expect(throws: StartError.self) {
            try await listener(host: "no-such.invalid").run()
        }
        #expect(error?.exitCode == .settings)
        #expect(
            error?.explanation
                == "http.port: cannot listen on no-such.invalid port 0: there is no such host"
        )
    }
}
