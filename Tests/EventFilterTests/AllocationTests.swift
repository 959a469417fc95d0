import CAllocations
import EventFilter
import Foundation
import RabbitMQ
import TestSupport
import Testing
import WorkQueue

@Suite("Judging an event")
struct AllocationTests {
    /// A delivery as the order service publishes it, with headers that need looking through.
    private func envelope(_ body: String = SampleEvent.order) throws -> EventEnvelope {
        var properties = EnvelopeCodec.properties(
            id: "0198c0de-0000-7000-8000-000000000001",
            type: "order.created",
            source: "/order-service",
            time: "2026-01-02T03:04:05.678Z",
            timestamp: 1_767_323_045,
            subject: "0198c0de-0000-7000-8000-000000000002",
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        )
        properties.headers["region-of-the-warehouse"] = "europe, the northern part of it"
        properties.headers["weight"] = .decimal(scale: 3, value: 12_500)
        properties.headers["rank"] = .int16(-7)
        return try EnvelopeCodec.decode(
            Delivery(
                tag: DeliveryTag(epoch: 1, number: 1),
                wasRedelivered: false,
                exchange: "orders.events",
                routingKey: "",
                properties: properties,
                body: Array(body.utf8)
            )
        )
    }

    private static let expressions = [
        #"total >= 100 && product_id in [1, 2] && type == "order.created""#,
        #"type in ["inventory.rejected", "order.created", "order.cancelled.by.the.customer.himself"]"#,
        #"email contains "@example." && email startsWith "zoë" && !(created_at < "2026-01-01T00:00:00Z")"#,
        #"headers["region-of-the-warehouse"] == "europe, the northern part of it" && headers.weight > 12.4999"#,
        #"headers.rank < 0 && version == 1 && !replayed && has(subject) && !has(headers.nothing)"#,
        "price < total && quantity != product_id && total <= 1999.98000000000000000000000000000000001",
        #"body.id != id && has(body.extra) && !has(phone) && (gift || body["user_id"] == 5)"#,
    ]

    /// Of each expression, about the four envelopes of the test; a broken body passes what asks for its fields.
    private static let verdicts = [
        [true, false, true, true], [true, true, true, true], [true, false, true, true],
        [true, true, true, true], [true, true, true, true], [true, false, true, false],
        [true, false, true, false],
    ]

    @Test("allocates nothing, whatever the expression looks at", arguments: zip(expressions, verdicts))
    func nothing(expression: String, verdicts: [Bool]) throws {
        let filter = try EventFilter(expression, schema: .orders)
        let envelopes = [
            try envelope(), try envelope("{}"), try envelope("broken"),
            try envelope(#"{"em\u0061il":"zo\u00eb@example.com \ud83d\ude00","total":1e3,"product_id":2}"#),
        ]
        #expect(verdicts.count == envelopes.count)
        for (envelope, verdict) in zip(envelopes, verdicts) {
            // The first run may make what Swift keeps for all others.
            #expect(filter.accepts(envelope) == verdict)
            var accepted = 0
            let before = callocations_count()
            for _ in 0..<200 where filter.accepts(envelope) { accepted += 1 }
            let allocations = callocations_count() - before
            #expect(allocations == 0)
            #expect(accepted == (verdict ? 200 : 0))
        }
    }

    @Test("is measured by a counter that counts")
    func counter() {
        let before = callocations_count()
        let kept = (0..<100).map { [UInt8](repeating: UInt8($0), count: 100) }
        #expect(callocations_count() - before >= 100)
        #expect(kept.count == 100)
    }

    @Test("gives the same verdict every time, in a time that is told")
    func time() throws {
        let filter = try EventFilter(Self.expressions[0], schema: .orders)
        let envelope = try envelope()
        let count = 20_000
        var accepted = 0
        let start = ContinuousClock.now
        for _ in 0..<count where filter.accepts(envelope) { accepted += 1 }
        let each = start.duration(to: .now) / count
        #expect(accepted == count)
        // A figure, not a promise: an unoptimised build on whatever machine this is.
        let line = "EventFilter: \(each) an event of \(envelope.body.count) bytes\n"
        try FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }
}
