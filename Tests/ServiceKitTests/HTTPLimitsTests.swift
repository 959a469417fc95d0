import TestSupport
import Testing

@testable import ServiceKit

extension HTTPListenerTests {
    private static let bad = "HTTP/1.1 400 Bad Request\r\n"

    @Test(
        "a head beyond its limits gets 400, and the others are served",
        arguments: [
            "X-Long: " + String(repeating: "a", count: 20_000),
            (0..<200).map { "X-\($0): a" }.joined(separator: "\\r\\n"),
            (0..<90).map { "X-\($0): \(String(repeating: "a", count: 300))" }.joined(separator: "\\r\\n"),
        ]
    )
    func largeHeads(fields: String) async throws {
        try await withListener { port in
            let large = try Conversation(port: port, saying: "POST /echo HTTP/1.1\\r\\n\(fields)\\r\\n\\r\\n")
            #expect(try await large.answer().hasPrefix(Self.bad))
            #expect(try await echo(port).hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test(
        "what two readers could understand in two ways is refused",
        arguments: [
            "Content-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
            "Content-Length: 4\\r\\nContent-Length: 5\\r\\n\\r\\nabcd",
            "Content-Length: -1\\r\\n\\r\\n",
            "Transfer-Encoding: chunked, identity\\r\\n\\r\\n0\\r\\n\\r\\n",
        ]
    )
    func smuggling(rest: String) async throws {
        try await withListener { port in
            let answer = try await Conversation(
                port: port,
                saying: "POST /echo HTTP/1.1\\r\\nHost: a\\r\\n\(rest)"
            )
            .answer()
            #expect(answer.hasPrefix(Self.bad), "\(answer)")
        }
    }

    @Test(
        "a client that sends a head or a body for ever, slowly, is cut off",
        arguments: [
            "POST /echo HTTP/1.1\\r\\nX-Slow: ",
            "POST /echo HTTP/1.1\\r\\nContent-Length: 1000000\\r\\n\\r\\n",
            "POST /echo HTTP/1.1\\r\\n\\r\\nPOST /ec",
        ]
    )
    func slowness(words: String) async throws {
        let limits = HTTPLimits(headPatience: .milliseconds(300), bodyPatience: .milliseconds(300))
        try await withListener(limits: limits) { port in
            _ = try await Conversation(port: port, saying: words, isDripping: true).answer()
            #expect(try await echo(port).hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test(
        "one connection more than there may be is told so at once, and there is room again when another ends"
    )
    func tooManyConnections() async throws {
        try await withListener(limits: HTTPLimits(connections: 2)) { port in
            let waiting = try (0..<2)
                .map { _ in
                    try Conversation(
                        port: port,
                        saying: "POST /echo HTTP/1.1\\r\\n\\r\\nPOST /echo HTTP/1.1\\r\\n"
                    )
                }
            // The answer to the first request shows that there is a connection, which the second keeps open.
            try await eventually("both are connected") { waiting.allSatisfy { $0.said.contains("200 OK") } }
            var answer = ""
            try await eventually("a third connection is refused, not answered: \(answer)") {
                answer = try await echo(port)
                return answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: 1\r\n")
            }
            waiting[0].hangUp()
            try await eventually("there is room again") {
                try await echo(port).hasPrefix("HTTP/1.1 200 OK")
            }
        }
    }

    private func echo(_ port: Int) async throws -> String {
        try await Conversation(
            port: port,
            saying: "POST /echo HTTP/1.1\\r\\nConnection: close\\r\\nContent-Length: 2\\r\\n\\r\\nok"
        )
        .answer()
    }
}
