import RabbitMQ
import TestSupport
import Testing

@Suite("A publisher on a real broker", .broker)
struct PublisherTests {
    @Test("a message that reaches a queue is confirmed and there")
    func confirmed() async throws {
        let topology = Topology.single("publisher.confirmed")
        let publisher = Publisher(settings: try .suite(), topology: topology, logger: quiet)
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, inspector) {
            let sent = message("publisher.confirmed", id: "1", body: #"{"a":1}"#)
            #expect(await publisher.publish(sent, within: .seconds(20)) == .confirmed)
            let got = try await #require(inspector.get(from: "publisher.confirmed", within: .seconds(20)))
            #expect(got.body == sent.body)
            #expect(got.properties.withoutDeliveryCount == sent.properties)
            inspector.settle(got.tag, .acknowledge)
        }
    }

    @Test("the connection's thread interrupts nobody when it wakes")
    func scheduling() async throws {
        let publisher = Publisher(
            settings: try .suite(),
            topology: .single("publisher.policy"),
            logger: quiet
        )
        try await running(publisher) {
            #expect(
                await publisher.publish(message("publisher.policy", id: "1"), within: .seconds(20))
                    == .confirmed
            )
            let policies = try SchedulingPolicies.ofThreads(of: "self", named: "amqp:publish")
            #expect(policies == [SchedulingPolicies.batch])
        }
    }

    @Test("a message that reaches no queue is unroutable, its neighbours are confirmed")
    func unroutable() async throws {
        let publisher = Publisher(settings: try .suite(), topology: .single("publisher.lost"), logger: quiet)
        try await running(publisher) {
            let messages = (0..<100)
                .map { number in
                    message("publisher.lost", id: "\(number)", key: number % 3 == 0 ? "nowhere" : "key")
                }
            let outcomes = await publisher.publish(contentsOf: messages, within: .seconds(20))
            for (number, outcome) in outcomes.enumerated() {
                #expect(outcome == (number % 3 == 0 ? .unroutable("312 NO_ROUTE") : .confirmed), "\(number)")
            }
        }
    }

    @Test("what a full queue rejects is refused")
    func refused() async throws {
        let limits: FieldTable = ["x-max-length": 5, "x-overflow": "reject-publish"]
        let topology = Topology.single("publisher.full", arguments: limits)
        let publisher = Publisher(settings: try .suite(), topology: topology, logger: quiet)
        try await running(publisher) {
            // One by one, since a quorum queue notices its limit only between batches.
            var outcomes: [PublishOutcome] = []
            for number in 0..<20 {
                outcomes.append(
                    await publisher.publish(message("publisher.full", id: "\(number)"), within: .seconds(20))
                )
            }
            #expect(outcomes.first == .confirmed)
            #expect(outcomes.last == .refused)
            #expect(outcomes.allSatisfy { $0 == .confirmed || $0 == .refused })
        }
    }

    @Test("thousands of publishes share the pipeline and arrive in order")
    func ordered() async throws {
        let publisher = Publisher(settings: try .suite(), topology: .single("publisher.order"), logger: quiet)
        let consumer = Consumer(
            settings: try .suite(),
            queue: "publisher.order",
            prefetch: 500,
            topology: .single("publisher.order"),
            logger: quiet
        )
        try await running(publisher, consumer) {
            let messages = (0..<5000).map { message("publisher.order", id: "\($0)") }
            let outcomes = await publisher.publish(contentsOf: messages, within: .seconds(60))
            #expect(outcomes.allSatisfy { $0.isConfirmed })
            var received: [String?] = []
            for await delivery in consumer.deliveries {
                received.append(delivery.properties.messageID)
                consumer.settle(delivery.tag, .acknowledge)
                if received.count == messages.count { break }
            }
            #expect(received == messages.map(\.properties.messageID))
        }
    }

    @Test("a body of many frames and one that is too large")
    func largeBodies() async throws {
        let publisher = Publisher(settings: try .suite(), topology: .single("publisher.large"), logger: quiet)
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, inspector) {
            var large = message("publisher.large", id: "large")
            large.body = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0) }
            var tooLarge = message("publisher.large", id: "too large")
            tooLarge.body = Array(repeating: 0, count: OutgoingMessage.largestBody + 1)
            let last = message("publisher.large", id: "last")
            let outcomes = await publisher.publish(contentsOf: [large, tooLarge, last], within: .seconds(30))
            #expect(outcomes == [.confirmed, .unsendable("the body is over 16 MiB"), .confirmed])
            let got = try await #require(inspector.get(from: "publisher.large", within: .seconds(20)))
            #expect(got.body == large.body)
        }
    }

    @Test("headers of every AMQP type come back as they were sent")
    func headers() async throws {
        let headers: FieldTable = [
            "bool": true, "int8": .int8(-8), "uint8": .uint8(200), "int16": .int16(-300),
            "uint16": .uint16(60_000),
            "int32": .int32(-70_000), "uint32": .uint32(4_000_000_000), "int64": .int64(.min),
            "float": .float(1.5),
            "double": .double(-0.1), "decimal": .decimal(scale: 2, value: 99_999), "string": "grün €",
            "raw": .rawString([0xFF, 0x00, 0xFE]), "time": .timestamp(1_800_000_000), "void": .void,
            "bytes": .bytes([0, 1, 2]), "array": .array([1, "two", .array([.void])]),
            "table": .table(["nested": .table(["deep": true])]), "empty": .table([:]), "none": .array([]),
        ]
        let publisher = Publisher(
            settings: try .suite(),
            topology: .single("publisher.headers"),
            logger: quiet
        )
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, inspector) {
            var sent = message("publisher.headers", id: "1")
            sent.properties.headers = headers
            #expect(await publisher.publish(sent, within: .seconds(20)) == .confirmed)
            let got = try await #require(inspector.get(from: "publisher.headers", within: .seconds(20)))
            // Quorum queues keep headers by name, so their order is not the sender's.
            for entry in headers.entries {
                #expect(got.properties.headers[entry.name] == entry.value, "\(entry.name)")
            }
        }
    }
}

extension MessageProperties {
    /// A 3.10 quorum queue adds `x-delivery-count` to first deliveries too, 4.x does not.
    fileprivate var withoutDeliveryCount: MessageProperties {
        var properties = self
        properties.headers["x-delivery-count"] = nil
        return properties
    }
}
