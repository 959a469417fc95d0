import RabbitMQ
import TestSupport
import Testing

@Suite("A queue of one connection on a real broker", .broker)
struct ExclusiveQueueTests {
    private let name = "exclusive.own"

    private var topology: Topology {
        Topology(
            exchanges: [ExchangeDeclaration(name, kind: .direct)],
            queues: [
                QueueDeclaration(name, lifetime: .exclusive, arguments: ["x-queue-type": "classic"])
            ],
            bindings: [Binding(exchange: name, queue: name, routingKey: "key")]
        )
    }

    @Test("is read by that connection, refused to others, and gone with it")
    func lifetime() async throws {
        let settings = try BrokerSettings.suite()
        let publisher = Publisher(settings: settings, topology: Topology(), logger: quiet)
        let consumer = Consumer(
            settings: settings,
            queue: name,
            prefetch: 10,
            topology: topology,
            logger: quiet
        )
        let inspector = Operator(settings: settings, logger: quiet)
        try await running(publisher, inspector) {
            try await running(consumer) {
                try await eventually("the consumer works") { consumer.status.isOpen }
                let outcome = await publisher.publish(message(name, id: "1"), within: .seconds(20))
                #expect(outcome == .confirmed)
                let delivery = try await #require(consumer.next(upTo: 1)?.first)
                #expect(delivery.properties.messageID == "1")
                consumer.settle(delivery.tag, .acknowledge)
                // 405: locked to the connection that declared it.
                let error = await #expect(throws: RabbitMQError.self) {
                    _ = try await inspector.queue(name, within: .seconds(20))
                }
                #expect(error?.kind == .refused(ReplyCode(rawValue: 405)))
                consumer.stop()
            }
            try await eventually("the queue is gone") {
                do {
                    return try await inspector.queue(name, within: .seconds(20)) == nil
                } catch {
                    return false
                }
            }
            try await inspector.deleteExchange(name, within: .seconds(20))
        }
    }
}
