import Curl
import TestSupport
import Testing

@Suite("HTTP requests to a server that misbehaves")
struct HTTPClientTests {
    /// One connection, so that the second request finds the first's kept open.
    private func rude(_ body: (HTTPClient, String) async throws -> Void) async throws {
        let script = "\(PackageLayout.root)/Tests/Servers/rude_server.py"
        try await ProgramUnderTest.with("/usr/bin/python3", [script]) { program in
            let line = try await program.line(containing: "listening on")
            let port = try #require(line.split(separator: " ").last)
            try await body(HTTPClient(connections: 1), "http://127.0.0.1:\(port)")
        }
    }

    private func answer(_ client: HTTPClient, _ request: HTTPRequest) async throws -> HTTPResponse {
        try await client.send(request)
    }

    private func kind(_ client: HTTPClient, _ request: HTTPRequest) async -> HTTPClientError.Kind? {
        do throws(HTTPClientError) {
            _ = try await client.send(request)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test(
        "a POST or PATCH whose connection closes without an answer is not sent again",
        arguments: ["POST", "PATCH"]
    )
    func once(method: String) async throws {
        try await rude { client, url async throws in
            let request = HTTPRequest(method, "\(url)/vanish", body: [1, 2])
            #expect(try await answer(client, request).status == 200)
            #expect(await kind(client, request) == .outcomeUnknown)
            #expect(try await answer(client, HTTPRequest("GET", "\(url)/count")).text == "2")
            // The client still works, for such requests too.
            #expect(
                try await answer(client, HTTPRequest(method, "\(url)/long?size=3", body: [1])).text == "xxx"
            )
        }
    }

    @Test("a GET is, over a new connection")
    func again() async throws {
        try await rude { client, url async throws in
            let request = HTTPRequest("GET", "\(url)/vanish")
            #expect(try await answer(client, request).status == 200)
            #expect(try await answer(client, request).status == 200)
            #expect(try await answer(client, HTTPRequest("GET", "\(url)/count")).text == "3")
        }
    }

    @Test("an answer as long as the limit is taken, a longer one refused or cut, as the request says")
    func limits() async throws {
        try await rude { client, url async throws in
            func request(_ path: String, _ limit: HTTPRequest.AnswerLimit) -> HTTPRequest {
                HTTPRequest("GET", url + path, timeout: .seconds(20), answerLimit: limit)
            }
            let fitting = try await client.send(request("/long?size=5000", .refuse(above: 5_000)))
            #expect(fitting.body.count == 5_000)
            #expect(await kind(client, request("/long?size=5001", .refuse(above: 5_000))) == .tooLarge)
            #expect(await kind(client, request("/long", .refuse(above: 100_000))) == .tooLarge)
            let cut = try await client.send(request("/long?status=404", .cut(at: 70_000)))
            #expect(cut.status == 404)
            #expect(cut.header("retry-after") == "7")
            #expect(cut.body == [UInt8](repeating: 0x78, count: 70_000))
        }
    }

    @Test("headers without an end are not read to the end; interim answers are no answer")
    func headers() async throws {
        try await rude { client, url async throws in
            #expect(await kind(client, HTTPRequest("GET", "\(url)/headers")) == .tooLarge)
            #expect(
                await kind(client, HTTPRequest("GET", "\(url)/interim", answerLimit: .cut(at: 9)))
                    == .tooLarge
            )
            let cut = HTTPRequest("GET", "\(url)/headers?status=503", answerLimit: .cut(at: 0))
            #expect(try await answer(client, cut).status == 503)
        }
    }
}
