import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing

@Suite("A consumer to which nothing comes", .broker)
struct WatchTests {
    private func topology(_ name: String) -> Topology {
        Topology(
            exchanges: [ExchangeDeclaration(name, kind: .fanout)],
            queues: [QueueDeclaration(name, arguments: ["x-queue-type": "quorum"])],
            bindings: [Binding(exchange: name, queue: name)]
        )
    }

    /// A publisher that declares nothing, and a consumer that looks after its topology every 300 ms.
    private func run(
        _ name: String,
        _ body: (Publisher, Consumer, Operator, RecordingLog) async throws -> Void
    ) async throws {
        let log = RecordingLog()
        let publisher = Publisher(settings: try .suite(), topology: Topology(), logger: quiet)
        let inspector = Operator(settings: try .suite(), logger: quiet)
        let consumer = Consumer(
            settings: try .suite(),
            queue: name,
            prefetch: 10,
            topology: topology(name),
            watchInterval: .milliseconds(300),
            logger: log.logger
        )
        try await running(publisher, inspector, consumer) {
            try await eventually("the consumer works") { consumer.status.isOpen }
            try await body(publisher, consumer, inspector, log)
        }
    }

    /// Publishes until a queue has it, and waits for the delivery.
    private func flows(
        _ id: String,
        _ name: String,
        _ publisher: Publisher,
        _ consumer: Consumer
    ) async throws {
        try await eventually("\(id) reaches a queue") {
            await publisher.publish(message(name, id: id, key: ""), within: .seconds(20)) == .confirmed
        }
        while let delivery = try await #require(consumer.next(upTo: 1)).first {
            consumer.settle(delivery.tag, .acknowledge)
            if delivery.properties.messageID == id { return }
        }
    }

    @Test("a subscription that the broker has forgotten is noticed, said and made again")
    func deaf() async throws {
        try await run("watch.deaf") { publisher, consumer, _, log in
            try await flows("before", "watch.deaf", publisher, consumer)
            try await BrokerNode.current().forgetConsumers(of: "watch.deaf")
            #expect(
                await publisher.publish(message("watch.deaf", id: "unheard", key: ""), within: .seconds(20))
                    == .confirmed
            )
            try await eventually("the consumer begins again") { consumer.resubscriptions == 1 }
            let delivery = try await #require(consumer.next(upTo: 1)?.first)
            #expect(delivery.properties.messageID == "unheard")
            consumer.settle(delivery.tag, .acknowledge)
            #expect(consumer.resubscriptions == 1)
            #expect(
                log.lines(containing: "subscribed, but nothing is delivered; subscribing again").count == 1
            )
        }
    }

    @Test("a deleted exchange of events is declared again with its binding, and the log says so")
    func exchange() async throws {
        try await run("watch.exchange") { publisher, consumer, inspector, log in
            try await flows("before", "watch.exchange", publisher, consumer)
            try await inspector.deleteExchange("watch.exchange", within: .seconds(20))
            try await flows("after", "watch.exchange", publisher, consumer)
            let told = log.lines(containing: "declaring again what is gone")
            #expect(told.count == 1 && told[0].contains("'watch.exchange'"), "\(log.lines)")
        }
    }

    @Test("a binding that vanished with an exchange which somebody else declared again is restored")
    func binding() async throws {
        try await run("watch.binding") { publisher, consumer, inspector, _ in
            try await flows("before", "watch.binding", publisher, consumer)
            try await inspector.deleteExchange("watch.binding", within: .seconds(20))
            let bare = Topology(exchanges: [ExchangeDeclaration("watch.binding", kind: .fanout)])
            try await inspector.apply(bare, within: .seconds(20))
            try await flows("after", "watch.binding", publisher, consumer)
        }
    }
}

extension BrokerNode {
    /// Takes a queue's consumers away from it without telling their channels, as a broker that went wrong would.
    fileprivate func forgetConsumers(of queue: String) async throws {
        let script = """
            {ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"\(queue)">>)),
            [{ok, _, _} = ra:process_command(amqqueue:get_pid(Q),
                rabbit_fifo:make_checkout({element(2, C), element(1, C)}, cancel, #{}))
             || C <- rabbit_amqqueue:consumers(Q)], ok.
            """
        _ = try await node.rabbitmqctl(["eval", script])
    }
}
