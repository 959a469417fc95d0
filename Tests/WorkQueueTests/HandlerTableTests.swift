import RabbitMQ
import Testing

@testable import WorkQueue

private struct Ping: EventPayload {
    static let eventType = "ping"
    let number: Int
}

private struct PingHandler: EventHandler {
    func handle(_ event: Ping, in context: DeliveryContext) async -> Verdict {
        event.number > 0 ? .done : .retry(FailureNote("attempt \(context.attempt)"))
    }
}

@Suite("Handlers")
struct HandlerTableTests {
    private func apply(type: String, body: String, attempts: Int64 = 0) async throws -> HandlerTable.Result {
        let properties = MessageProperties(
            headers: ["retry-attempt": .int64(attempts)],
            messageID: "1",
            type: type
        )
        let delivery = Delivery(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: "",
            routingKey: "",
            properties: properties,
            body: Array(body.utf8)
        )
        return await HandlerTable([PingHandler()]).apply(try EnvelopeCodec.decode(delivery))
    }

    @Test("an event reaches its handler with its attempt")
    func handled() async throws {
        #expect(try await apply(type: "ping", body: #"{"number":1,"new":true}"#) == .verdict(.done))
        let retried = try await apply(type: "ping", body: #"{"number":0}"#, attempts: 2)
        #expect(retried == .verdict(.retry("attempt 3")))
    }

    @Test("digits within text, many short numbers and long exponents are no reason to refuse a body")
    func digits() async throws {
        let long = String(repeating: "1", count: 100)
        let body =
            #"{"number":1e0000000000000000000000000000000000000000,"\#(long)":"\"\#(long)\\","x":[11,1e1,-1.5]}"#
        #expect(try await apply(type: "ping", body: body) == .verdict(.done))
        let most = String(repeating: "9", count: 38)
        #expect(try await apply(type: "ping", body: #"{"x":\#(most),"number":1}"#) == .verdict(.done))
    }

    @Test("a type that nobody handles is not an error")
    func unknownType() async throws {
        #expect(try await apply(type: "pong", body: "not JSON") == .unknownType)
    }

    @Test(
        "a body that is not what its type promises is undecodable, and the reason shows none of it",
        arguments: [
            "", "not JSON secret", #"{"number":"secret"}"#, #"{"secret":1}"#, #"{"number":null}"#, "[]",
            #"{"number":1e99}"#,
            "\u{0}", "{\"number\":1", #"{"number":1.000000000000000000000000000000000000001}"#,
            #"{"x":[{"\"e":"9"},-1234567890123456789012345678901234567890e-39],"number":1}"#,
            // UTF-16, which Foundation's decoder takes for JSON.
            "{\u{0}\"\u{0}n\u{0}u\u{0}m\u{0}b\u{0}e\u{0}r\u{0}\"\u{0}:\u{0}1\u{0}}\u{0}",
        ]
    )
    func undecodable(body: String) async throws {
        guard case .undecodable(let note) = try await apply(type: "ping", body: body) else {
            Issue.record("decoded \(body)")
            return
        }
        #expect(!note.text.contains("secret"))
        #expect(!note.text.isEmpty)
    }
}
