import OrderEvents
import RabbitMQ

@testable import WorkQueue

/// The envelope of a message, and the copies that are made of one that fails.
enum EnvelopeFuzzer {
    static func run(_ bytes: [UInt8]) throws {
        var feed = ByteFeed(bytes)
        let note = FailureNote(feed.text())
        try promiseOneLine(note.text, "a note")
        let delivery = Delivery(
            tag: DeliveryTag(epoch: 1, number: 1),
            wasRedelivered: false,
            exchange: feed.text(),
            routingKey: feed.text(),
            properties: feed.properties(),
            body: feed.remainder()
        )
        let letter = DeadLetter(delivery)
        try promise(letter.attempts >= 0, "attempts of \(letter.attempts)")
        do {
            let envelope = try EnvelopeCodec.decode(delivery)
            try check(envelope)
            try checkCopies(of: delivery, note, id: envelope.id)
        } catch let error as UndecodableMessage {
            try promiseOneLine(error.description, "the reason")
            try checkCopies(of: delivery, note, id: nil)
        }
    }

    private static func check(_ envelope: EventEnvelope) throws {
        for (name, text) in [("id", envelope.id), ("type", envelope.type)] {
            try promise(!text.isEmpty && text.utf8.count <= 255, "\(name) of \(text.utf8.count) bytes")
            try promiseOneLine(text, name)
        }
        try promise((1...1_000_000).contains(envelope.version), "version \(envelope.version)")
        try promise((0...1_000_000).contains(envelope.attempts), "attempts \(envelope.attempts)")
        try promise((envelope.subject ?? "").utf8.count <= 1_024, "a subject without bound")
        // Written anew by a publisher, it says the same.
        let properties = EnvelopeCodec.properties(
            id: envelope.id,
            type: envelope.type,
            version: envelope.version,
            source: "/fuzzer",
            time: "2026-01-02T03:04:05.678Z",
            timestamp: 0,
            subject: "subject",
            traceparent: nil
        )
        let again = try EnvelopeCodec.decode(
            Delivery(
                tag: DeliveryTag(epoch: 1, number: 2),
                wasRedelivered: false,
                exchange: "",
                routingKey: "",
                properties: properties,
                body: envelope.body
            )
        )
        try promise(
            again.id == envelope.id && again.type == envelope.type && again.version == envelope.version,
            "another envelope after writing it"
        )
        let derived = UUIDv7(derivedFrom: envelope.id, for: envelope.type)
        try promise(UUIDv7(derived.description) == derived, "a derived id that cannot be read")
    }

    private static func checkCopies(of delivery: Delivery, _ note: FailureNote, id: String?) throws {
        let copies = FailureCopy(service: "fuzzed")
        let dead = copies.dead(
            of: delivery,
            attempts: 3,
            reason: .permanent,
            note: note,
            at: "2026-01-02T03:04:05.678Z"
        )
        let buried = received(dead)
        let letter = DeadLetter(buried)
        try promise(letter.reason == "permanent" && letter.error == note.text, "another reason or error")
        try promise(letter.attempts == 3, "\(letter.attempts) attempts instead of 3")
        try promise(id == nil || letter.id == id, "another id on the copy")
        try promise(dead.body == delivery.body, "another body on the copy")
        let replay = copies.replay(of: buried)
        let told = replay.properties.headers.entries.filter {
            $0.name.hasPrefix("retry-") && $0.name.count < 24
                && FailureHeaders.attempts(in: [$0.name: $0.value]) > 0
        }
        try promise(told.isEmpty && replay.properties.headers["dead-letter-reason"] == nil, "a story is left")
        try promise(replay.exchange.isEmpty && replay.routingKey == "fuzzed", "a replay to somebody else")
    }

    private static func received(_ message: OutgoingMessage) -> Delivery {
        Delivery(
            tag: DeliveryTag(epoch: 1, number: 3),
            wasRedelivered: false,
            exchange: message.exchange,
            routingKey: message.routingKey,
            properties: message.properties,
            body: message.body
        )
    }
}
