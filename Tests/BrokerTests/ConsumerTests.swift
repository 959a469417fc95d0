import RabbitMQ
import TestSupport
import Testing

@Suite("A consumer on a real broker", .broker)
struct ConsumerTests {
    @Test("the broker hands out no more than prefetch before something is settled")
    func prefetch() async throws {
        let (publisher, consumer) = try pair("consumer.prefetch", prefetch: 7)
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, consumer, inspector) {
            try await publish(20, to: "consumer.prefetch", through: publisher)
            var held: [Delivery] = []
            while held.count < 7 { held += try await #require(consumer.next(upTo: 100)) }
            #expect(held.count == 7)
            let status = try await inspector.queue("consumer.prefetch", within: .seconds(20))
            #expect(status?.messages == 13)
            for delivery in held { consumer.settle(delivery.tag, .acknowledge) }
            #expect(try await #require(consumer.next(upTo: 100)).count <= 7)
        }
    }

    @Test("acknowledged messages are gone, others come again to the next consumer")
    func settlement() async throws {
        let (publisher, consumer) = try pair("consumer.settle", prefetch: 10)
        try await running(publisher) {
            try await publish(10, to: "consumer.settle", through: publisher)
            try await running(consumer) {
                for _ in 0..<10 {
                    let delivery = try await #require(consumer.next(upTo: 1)?.first)
                    // Every third stays unsettled.
                    if Int(delivery.properties.messageID ?? "")?.isMultiple(of: 3) == false {
                        consumer.settle(delivery.tag, .acknowledge)
                    }
                }
                consumer.stop()
            }
            let (_, second) = try pair("consumer.settle", prefetch: 10)
            try await running(second) {
                var again: [String?] = []
                while again.count < 4 {
                    for delivery in try await #require(second.next(upTo: 10)) {
                        #expect(delivery.wasRedelivered)
                        again.append(delivery.properties.messageID)
                        second.settle(delivery.tag, .acknowledge)
                    }
                }
                #expect(again == ["0", "3", "6", "9"])
            }
        }
    }

    @Test("one who has been quick and then waits keeps nothing from the others", arguments: 1...5)
    func quickThenSlow(round: Int) async throws {
        let name = "consumer.quick.\(round)"
        let (publisher, consumer) = try pair(name, prefetch: 200)
        let gate = Gate()
        try await running(publisher, consumer) {
            let handled = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        var count = 0
                        while let delivery = await consumer.next(afterHandlingIn: .zero) {
                            let number = Int(delivery.properties.messageID ?? "") ?? 0
                            // The last opens what the one in the middle waits for, which nothing else would.
                            if number == 99 { gate.open() }
                            if number == 50 { await gate.wait() }
                            consumer.settle(delivery.tag, .acknowledge)
                            count += 1
                            if number == 99 { consumer.cancel() }
                        }
                        return count
                    }
                }
                group.addTask {
                    do { try await publish(100, to: name, through: publisher) } catch { Issue.record(error) }
                    return 0
                }
                return await group.reduce(0, +)
            }
            #expect(handled == 100)
        }
    }

    @Test("a deleted queue is noticed, declared again and consumed")
    func queueDeleted() async throws {
        let (publisher, consumer) = try pair("consumer.deleted", prefetch: 10)
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, consumer, inspector) {
            try await eventually("the consumer works") { consumer.status.isOpen }
            try await inspector.deleteQueue("consumer.deleted", within: .seconds(20))
            try await eventually("the consumer is back on a new queue") {
                try await inspector.queue("consumer.deleted", within: .seconds(20))?.consumers == 1
            }
            try await publish(1, to: "consumer.deleted", through: publisher)
            #expect(try await #require(consumer.next(upTo: 1)).count == 1)
        }
    }

    @Test("a cancelled consumer hands out what it has, settles it, and takes no more")
    func cancellation() async throws {
        let (publisher, consumer) = try pair("consumer.cancel", prefetch: 5)
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, consumer, inspector) {
            try await publish(8, to: "consumer.cancel", through: publisher)
            let first = try await #require(consumer.next(upTo: 1))
            consumer.cancel()
            var taken = first
            while let more = await consumer.next(upTo: 1) { taken += more }
            #expect((1...5).contains(taken.count))
            for delivery in taken { consumer.settle(delivery.tag, .acknowledge) }
            consumer.stop()
            try await eventually("the rest is in the queue") {
                try await inspector.queue("consumer.cancel", within: .seconds(20))?.messages == 8
                    - taken.count
            }
        }
    }

    private func pair(_ name: String, prefetch: Int) throws -> (Publisher, Consumer) {
        let topology = Topology.single(name)
        return (
            Publisher(settings: try .suite(), topology: topology, logger: quiet),
            Consumer(
                settings: try .suite(),
                queue: name,
                prefetch: prefetch,
                topology: topology,
                logger: quiet
            )
        )
    }

    private func publish(_ count: Int, to name: String, through publisher: Publisher) async throws {
        var left = (0..<count).map { message(name, id: "\($0)") }
        // A quorum queue that has just been declared refuses until its leader is known.
        try await eventually("\(count) messages are in \(name)") {
            let outcomes = await publisher.publish(contentsOf: left, within: .seconds(20))
            try #require(outcomes.allSatisfy { $0 == .confirmed || $0 == .refused }, "\(outcomes)")
            left = zip(left, outcomes).filter { $0.1 == .refused }.map(\.0)
            return left.isEmpty
        }
    }
}
