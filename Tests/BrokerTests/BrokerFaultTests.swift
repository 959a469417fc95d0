import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing
import WorkQueue

@Suite("The broker stops, dies, blocks or closes", .privateBroker, .serialized)
struct BrokerFaultTests {
    @Test("a stopped broker hangs nobody: waiting publishes are unknown, and all goes on when it is back")
    func stoppedBroker() async throws {
        let broker = try BrokerNode.current()
        let publisher = Publisher(
            settings: try .suite(heartbeat: .seconds(2)),
            topology: .single("fault.stop"),
            logger: quiet
        )
        try await running(publisher) {
            #expect(
                await publisher.publish(message("fault.stop", id: "before"), within: .seconds(20))
                    == .confirmed
            )
            await broker.node.pause()
            let messages = (0..<100).map { message("fault.stop", id: "\($0)") }
            let outcomes = await publisher.publish(contentsOf: messages, within: .seconds(3))
            for outcome in outcomes {
                guard case .unknown = outcome else {
                    Issue.record("\(outcome)")
                    break
                }
            }
            try await eventually("two missed heartbeats are noticed") { !publisher.status.isOpen }
            let late = await publisher.publish(message("fault.stop", id: "late"), within: .milliseconds(300))
            guard case .notSent = late else {
                Issue.record("\(late)")
                return
            }
            await broker.node.resume()
            try await eventually("the publisher is back") { publisher.status.isOpen }
            #expect(
                await publisher.publish(message("fault.stop", id: "after"), within: .seconds(20))
                    == .confirmed
            )
        }
    }

    @Test(
        "a killed and restarted broker keeps what it confirmed; publisher and consumer come back by themselves"
    )
    func killedBroker() async throws {
        let broker = try BrokerNode.current()
        let topology = Topology.single("fault.kill")
        let publisher = Publisher(settings: try .suite(), topology: topology, logger: quiet)
        let consumer = Consumer(
            settings: try .suite(),
            queue: "fault.kill",
            prefetch: 10,
            topology: topology,
            logger: quiet
        )
        try await running(publisher, consumer) {
            let kept = (0..<20).map { message("fault.kill", id: "kept \($0)") }
            let outcomes = await publisher.publish(contentsOf: kept, within: .seconds(20))
            #expect(outcomes.allSatisfy { $0.isConfirmed })
            let old = try await #require(consumer.next(upTo: 1)?.first)
            try await broker.waitUntilRegistered("fault.kill")
            await broker.node.kill()
            try await eventually("the loss is noticed") {
                !publisher.status.isOpen && consumer.isStale(old.tag)
            }
            // Of the dead connection: dropped, not sent to a channel where its number names another message.
            consumer.settle(old.tag, .acknowledge)
            try await broker.startAgain()
            var received: Set<String> = []
            while received.count < kept.count {
                for delivery in try await #require(consumer.next(upTo: 10)) {
                    received.insert(delivery.properties.messageID ?? "")
                    consumer.settle(delivery.tag, .acknowledge)
                }
            }
            #expect(received == Set(kept.compactMap(\.properties.messageID)))
            #expect(
                await publisher.publish(message("fault.kill", id: "new"), within: .seconds(20)) == .confirmed
            )
        }
    }

    @Test("under a memory alarm publishing rests by its deadline while consuming goes on")
    func memoryAlarm() async throws {
        let broker = try BrokerNode.current()
        let topology = Topology.single("fault.alarm")
        let publisher = Publisher(settings: try .suite(), topology: topology, logger: quiet)
        let consumer = Consumer(
            settings: try .suite(),
            queue: "fault.alarm",
            prefetch: 2,
            topology: topology,
            logger: quiet
        )
        try await running(publisher, consumer) {
            let before = (0..<10).map { message("fault.alarm", id: "\($0)") }
            #expect(
                await publisher.publish(contentsOf: before, within: .seconds(20))
                    .allSatisfy { $0.isConfirmed }
            )
            try await broker.setMemoryAlarm(true)
            let outcome = await publisher.publish(
                message("fault.alarm", id: "in the alarm"),
                within: .seconds(2)
            )
            #expect(!outcome.isConfirmed)
            try await eventually("the alarm is known") {
                if case .blocked = publisher.status { true } else { false }
            }
            for _ in before.indices {
                let delivery = try await #require(consumer.next(upTo: 1)?.first)
                consumer.settle(delivery.tag, .acknowledge)
            }
            try await broker.setMemoryAlarm(false)
            try await eventually("publishing goes on") { publisher.status.isOpen }
            #expect(
                await publisher.publish(message("fault.alarm", id: "after"), within: .seconds(20))
                    == .confirmed
            )
        }
    }

    @Test("connections closed by an operator are opened again")
    func closedConnections() async throws {
        let broker = try BrokerNode.current()
        let publisher = Publisher(settings: try .suite(), topology: .single("fault.close"), logger: quiet)
        try await running(publisher) {
            #expect(
                await publisher.publish(message("fault.close", id: "1"), within: .seconds(20)) == .confirmed
            )
            try await broker.closeAllConnections()
            #expect(
                await publisher.publish(message("fault.close", id: "2"), within: .seconds(20)) == .confirmed
            )
        }
    }

    @Test("a deleted exchange is declared again")
    func deletedExchange() async throws {
        let publisher = Publisher(settings: try .suite(), topology: .single("fault.exchange"), logger: quiet)
        let inspector = Operator(settings: try .suite(), logger: quiet)
        try await running(publisher, inspector) {
            #expect(
                await publisher.publish(message("fault.exchange", id: "1"), within: .seconds(20))
                    == .confirmed
            )
            try await inspector.deleteExchange("fault.exchange", within: .seconds(20))
            // 404 closes the channel: this one is unknown, and the way is mended for the next.
            _ = await publisher.publish(message("fault.exchange", id: "2"), within: .seconds(20))
            #expect(
                await publisher.publish(message("fault.exchange", id: "3"), within: .seconds(20))
                    == .confirmed
            )
        }
    }

    @Test("a delivery that the broker waits for too long is delivered again, and done")
    func consumerTimeout() async throws {
        let broker = try BrokerNode.current()
        try await broker.setConsumerTimeout(milliseconds: 2_000, lookingEvery: 500)
        let gate = Gate()
        let rig = try WorkerRig("timeout") { _, _ in
            await gate.wait()
            return .done
        }
        try await rig.run {
            _ = await rig.publish(id: "slow")
            try await running(rig.worker()) {
                try await eventually("the broker lost its patience") { rig.handler.contexts.count >= 2 }
                gate.open()
                try await eventually("it is acknowledged") { try await rig.count("timeout") == 0 }
            }
            #expect(Set(rig.handler.contexts.map(\.eventID)) == ["slow"])
            #expect(try await rig.count("timeout.dead") == 0)
        }
        try await broker.setConsumerTimeout(milliseconds: 1_800_000, lookingEvery: 60_000)
    }
}

extension BrokerNode {
    /// How long channels opened from now on wait for an acknowledgement, and how often they look.
    fileprivate func setConsumerTimeout(milliseconds: Int, lookingEvery interval: Int) async throws {
        let script = """
            application:set_env(rabbit, consumer_timeout, \(milliseconds)),
            application:set_env(rabbit, channel_tick_interval, \(interval)).
            """
        _ = try await node.rabbitmqctl(["eval", script])
    }
}
