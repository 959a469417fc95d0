import FoundationEssentials
import RabbitMQ
import Testing

@testable import WorkQueue

@Suite("Messages")
struct MessageTests {
    private func delivery(_ properties: MessageProperties, body: String = "{}") -> Delivery {
        Delivery(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: "orders.events",
            routingKey: "",
            properties: properties,
            body: Array(body.utf8)
        )
    }

    private var event: MessageProperties {
        EnvelopeCodec.properties(
            id: "018f0000-0000-7000-8000-000000000001",
            type: "order.created",
            source: "/order-service",
            time: "2026-01-02T03:04:05.678Z",
            timestamp: 1_767_323_045,
            subject: "order-1",
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        )
    }

    @Test("an event is written as CloudEvents over AMQP and reads back")
    func roundTrip() throws {
        let properties = event
        #expect(properties.contentType == "application/json")
        #expect(properties.deliveryMode == .persistent)
        #expect(properties.appID == "order-service")
        #expect(properties.headers["cloudEvents_specversion"] == "1.0")
        let envelope = try EnvelopeCodec.decode(delivery(properties))
        #expect(envelope.id == "018f0000-0000-7000-8000-000000000001")
        #expect(envelope.type == "order.created")
        #expect(envelope.source == "/order-service")
        #expect(envelope.subject == "order-1")
        #expect(envelope.attempts == 0)
        #expect(envelope.traceparent?.hasPrefix("00-0af7") == true)
    }

    @Test("the colon prefix is read, and plain AMQP properties are enough")
    func otherSenders() throws {
        let colon = MessageProperties(headers: ["cloudEvents:id": "1", "cloudEvents:type": "t"])
        #expect(try EnvelopeCodec.decode(delivery(colon)).id == "1")
        let plain = MessageProperties(messageID: "2", type: "t")
        #expect(try EnvelopeCodec.decode(delivery(plain)).type == "t")
    }

    @Test(
        "without an id or a type it is undecodable",
        arguments: [
            MessageProperties(), MessageProperties(type: "t"), MessageProperties(messageID: "1"),
            MessageProperties(headers: ["cloudEvents_id": 7], type: "t"),
            MessageProperties(messageID: "", type: "t"),
            MessageProperties(messageID: "a\u{FFFD}b", type: "t"),
        ]
    )
    func undecodable(properties: MessageProperties) {
        #expect(throws: UndecodableMessage.self) { try EnvelopeCodec.decode(delivery(properties)) }
    }

    @Test(
        "an id or a type that is longer than AMQP's own, or no single line, is none",
        arguments: ["a\u{0}b", "a\nb", "a\u{202E}b", "a\u{2029}b", String(repeating: "x", count: 256)]
    )
    func hostileNames(name: String) {
        for (id, type) in [(name, "order.created"), ("id", name)] {
            let headers: FieldTable = ["cloudEvents_id": .string(id), "cloudEvents_type": .string(type)]
            let error = #expect(throws: UndecodableMessage.self) {
                try EnvelopeCodec.decode(delivery(MessageProperties(headers: headers)))
            }
            #expect(error?.description.hasSuffix("is no single line of at most 255 bytes") == true)
        }
        let long = MessageProperties(
            headers: ["cloudEvents_subject": .string(name), "traceparent": .string(name)],
            messageID: String(repeating: "x", count: 255),
            type: "t"
        )
        let envelope = try? EnvelopeCodec.decode(delivery(long))
        #expect(envelope != nil && envelope?.subject == nil && envelope?.traceparent == nil)
        // What is not used is kept all the same.
        #expect(envelope?.properties.headers["traceparent"] == .string(name))
    }

    @Test("a note is one line of at most 1 KiB that steers no terminal and turns no writing")
    func notes() {
        let nasty = "a\r\n\u{1B}[2J\u{0}\u{9B}\u{2028}\u{2029}\u{202E}\u{2066}\u{7F}z"
        #expect(FailureNote(nasty).text == "a   [2J       z")
        #expect(FailureNote(String(repeating: "é", count: 1_000)).text.utf8.count == 1_024)
        #expect(FailureNote("x" + String(repeating: "é", count: 1_000)).text.utf8.count == 1_023)
    }

    @Test("a copy keeps everything but what the broker wrote or would act upon")
    func copies() {
        var properties = event
        properties.headers["x-death"] = .array([.table(["reason": "expired"])])
        properties.headers["x-first-death-queue"] = "inventory"
        properties.headers["x-last-death-reason"] = "expired"
        properties.headers["x-delivery-count"] = 3
        properties.headers["CC"] = .array(["dead"])
        properties.headers["tenant"] = .uint16(7)
        properties.expiration = "1"
        properties.userID = "somebody"
        properties.deliveryMode = .transient
        let original = delivery(properties, body: "body")
        let copy = FailureCopy(service: "inventory")
            .retry(of: original, attempts: 2, after: .seconds(5), note: "broken", at: "now")
        #expect(copy.exchange == "inventory.failures")
        #expect(copy.routingKey == "retry.5s")
        #expect(copy.body == original.body)
        var expected = event
        expected.headers["tenant"] = .uint16(7)
        expected.headers["retry-attempt"] = 2
        expected.headers["retry-first-failed-at"] = "now"
        expected.headers["retry-last-failed-at"] = "now"
        expected.headers["retry-error"] = "broken"
        #expect(copy.properties == expected)
    }

    @Test("the first failure's time stays, the last one's moves on, and a replay forgets both")
    func story() throws {
        let copies = FailureCopy(service: "inventory")
        let first = copies.retry(of: delivery(event), attempts: 1, after: .seconds(1), note: "one", at: "t1")
        let second = copies.dead(
            of: delivery(first.properties),
            attempts: 2,
            reason: .exhausted,
            note: "two",
            at: "t2"
        )
        #expect(second.routingKey == "dead")
        let letter = DeadLetter(delivery(second.properties))
        #expect(letter.reason == "exhausted")
        #expect(letter.error == "two")
        #expect(letter.attempts == 2)
        #expect(letter.firstFailedAt == "t1")
        #expect(letter.lastFailedAt == "t2")
        let replayed = copies.replay(of: delivery(second.properties))
        #expect(replayed.exchange == "")
        #expect(replayed.routingKey == "inventory")
        #expect(replayed.properties == event)
        #expect(try EnvelopeCodec.decode(delivery(replayed.properties)).attempts == 0)
    }

    @Test("what the broker dead-lettered itself has a readable reason")
    func deliveryLimit() {
        var properties = event
        let death: FieldTable = ["reason": "delivery_limit", "queue": "inventory", "time": .timestamp(0)]
        properties.headers["x-death"] = .array([.table(death)])
        let letter = DeadLetter(delivery(properties))
        #expect(letter.reason == "delivery-limit")
        #expect(letter.error?.contains("crashed") == true)
        #expect(letter.lastFailedAt == "1970-01-01T00:00:00.000Z")
    }

    @Test(
        "hostile attempt headers count as none",
        arguments: [FieldValue.int64(-1), .int64(.max), "7", .void, .double(2)]
    )
    func hostileAttempts(value: FieldValue) {
        #expect(FailureHeaders.attempts(in: ["retry-attempt": value]) == 0)
    }

    @Test("a filter chooses by every condition that is given")
    func filter() throws {
        let copies = FailureCopy(service: "inventory")
        let time = "2026-01-01T00:00:00.000Z"
        let note: FailureNote = "Unknown product 99"
        let message = copies.dead(of: delivery(event), attempts: 1, reason: .permanent, note: note, at: time)
        let letter = DeadLetter(delivery(message.properties))
        let later = try Date("2026-01-01T01:00:00Z", strategy: .iso8601)
        let chosen = [
            DeadLetterFilter(), DeadLetterFilter(id: letter.id), DeadLetterFilter(type: "order.created"),
            DeadLetterFilter(reason: "permanent", error: "unknown PRODUCT"),
            DeadLetterFilter(olderThan: .seconds(3600)),
        ]
        let others = [
            DeadLetterFilter(id: "x"), DeadLetterFilter(type: "x"), DeadLetterFilter(reason: "exhausted"),
            DeadLetterFilter(reason: "permanent", error: "x"), DeadLetterFilter(olderThan: .seconds(3601)),
        ]
        #expect(chosen.allSatisfy { $0.chooses(letter, at: later) })
        #expect(others.allSatisfy { !$0.chooses(letter, at: later) })
        #expect(DeadLetterFilter().isEmpty)
    }
}
