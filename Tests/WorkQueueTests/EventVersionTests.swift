import FoundationEssentials
import RabbitMQ
import Testing

@testable import WorkQueue

/// An amount whose first version had it as text in whole units.
private struct Paid: EventPayload {
    static let eventType = "paid"
    static let eventVersion = 3
    let cents: Int

    private struct First: Decodable {
        let amount: String
    }

    init(upcasting body: [UInt8], from version: Int) throws {
        guard version == 1 else { throw UndecodableMessage("version 2 was never published") }
        guard let amount = Int(try JSONDecoder().decode(First.self, from: Data(body)).amount) else {
            throw UndecodableMessage("amount is no whole number")
        }
        cents = amount * 100
    }
}

private struct PaidHandler: EventHandler {
    func handle(_ event: Paid, in context: DeliveryContext) async -> Verdict {
        .done("\(event.cents)")
    }
}

/// The first and only version of its event.
private struct Plain: EventPayload {
    static let eventType = "plain"
}

private struct PlainHandler: EventHandler {
    func handle(_ event: Plain, in context: DeliveryContext) async -> Verdict { .done }
}

@Suite("Versions of events")
struct EventVersionTests {
    private func apply(
        _ version: FieldValue?,
        body: String,
        type: String = "paid"
    ) async throws -> HandlerTable.Result {
        var headers: FieldTable = [:]
        if let version { headers["event-version"] = version }
        let delivery = Delivery(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: "",
            routingKey: "",
            properties: MessageProperties(headers: headers, messageID: "1", type: type),
            body: Array(body.utf8)
        )
        return await HandlerTable([PaidHandler(), PlainHandler()]).apply(try EnvelopeCodec.decode(delivery))
    }

    @Test("the version that is known is decoded, as a number or as text")
    func known() async throws {
        for version in [.int64(3), .uint8(3), .string("3")] as [FieldValue] {
            #expect(try await apply(version, body: #"{"cents":250}"#) == .verdict(.done("250")))
        }
    }

    @Test("an older version, or none, is upcast")
    func older() async throws {
        for version in [nil, .int64(1)] as [FieldValue?] {
            #expect(try await apply(version, body: #"{"amount":"7"}"#) == .verdict(.done("700")))
        }
    }

    @Test("an upcaster's refusal is undecodable, with its reason")
    func refused() async throws {
        #expect(try await apply(2, body: "{}") == .undecodable("version 2 was never published"))
        #expect(
            try await apply(1, body: #"{"amount":"x"}"#) == .undecodable("amount is no whole number")
        )
        guard case .undecodable(let note) = try await apply(1, body: #"{"secret":1}"#) else {
            Issue.record("decoded")
            return
        }
        #expect(!note.text.contains("secret"))
    }

    @Test("a newer version is undecodable, and the reason names both")
    func newer() async throws {
        #expect(
            try await apply(4, body: #"{"cents":250}"#)
                == .undecodable("version 4 of paid is newer than 3, the newest known here")
        )
        #expect(
            try await apply(2, body: "{}", type: "plain")
                == .undecodable("version 2 of plain is newer than 1, the newest known here")
        )
    }

    @Test("what is no version makes the message undecodable", arguments: ["0", "-1", "x", "", "1.5"])
    func malformed(version: String) async throws {
        await #expect(throws: UndecodableMessage("event-version is no whole number from 1")) {
            _ = try await apply(.string(version), body: "{}")
        }
    }
}
