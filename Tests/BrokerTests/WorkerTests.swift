import RabbitMQ
import ServiceLifecycle
import TestSupport
import Testing
import WorkQueue

@Suite("A worker on a real broker", .broker)
struct WorkerTests {
    @Test("a handler that fails twice and then succeeds passes both tiers, and only its own queue sees it")
    func retryLadder() async throws {
        let rig = try WorkerRig("inventory", exchange: "orders.events", delays: [.seconds(1), .seconds(5)]) {
            _,
            context in
            context.attempt < 3 ? .retry("not yet") : .done
        }
        try await rig.run {
            let neighbour = Topology.service("notification", of: "orders.events", retry: rig.retry)
            try await rig.inspector.apply(neighbour, within: .seconds(20))
            try await running(rig.worker()) {
                #expect(await rig.publish(id: "twice") == .confirmed)
                try await eventually("three attempts") { rig.handler.contexts.count == 3 }
                try await eventually("it is acknowledged") { try await rig.count("inventory") == 0 }
            }
            let contexts = rig.handler.contexts
            #expect(contexts.map(\.attempt) == [1, 2, 3])
            #expect(contexts.map(\.eventID) == ["twice", "twice", "twice"])
            #expect(contexts.map { lastQueue($0) } == [nil, "inventory.retry.1s", "inventory.retry.5s"])
            #expect(contexts[2].envelope.properties.headers["retry-error"] == "not yet")
            #expect(try await rig.count("notification") == 1)
            #expect(try await rig.count("inventory.dead") == 0)
        }
    }

    /// Where the broker says that the message waited last.
    private func lastQueue(_ context: DeliveryContext) -> String? {
        guard case .array(let deaths) = context.envelope.properties.headers["x-death"],
            case .table(let last) = deaths.first
        else { return nil }
        return last["queue"]?.text
    }

    @Test("what cannot succeed is dead-lettered with its reason, and the good ones around it are done")
    func deadLetters() async throws {
        let rig = try WorkerRig("dead") { event, _ in
            switch event.number {
            case 1: .done
            case 2: .retry("always broken")
            default: .deadLetter("never")
            }
        }
        try await rig.run {
            try await running(rig.worker()) {
                for number in 0..<20 { #expect(await rig.publish(id: "good \(number)") == .confirmed) }
                #expect(await rig.publish(id: "exhausted", body: #"{"number":2}"#) == .confirmed)
                #expect(await rig.publish(id: "permanent", body: #"{"number":3}"#) == .confirmed)
                #expect(await rig.publish(id: "broken", body: "not JSON") == .confirmed)
                #expect(await rig.publish(id: "", type: nil, body: "garbage") == .confirmed)
                #expect(await rig.publish(id: "stranger", type: "something.else", body: "?") == .confirmed)
                try await eventually("four dead letters") { try await rig.count("dead.dead") == 4 }
                try await eventually("nothing is left") { try await rig.count("dead") == 0 }
            }
            let letters = try await rig.deadLetters()
            let reasons = Dictionary(uniqueKeysWithValues: letters.map { ($0.id ?? "none", $0.reason) })
            #expect(
                reasons == [
                    "exhausted": "exhausted", "permanent": "permanent", "broken": "undecodable",
                    "none": "undecodable",
                ]
            )
            let exhausted = try #require(letters.first { $0.id == "exhausted" })
            #expect(exhausted.attempts == 2)
            #expect(exhausted.error == "always broken")
            #expect(exhausted.message.properties.headers["dead-letter-service"] == "dead")
            #expect(exhausted.firstFailedAt ?? "" < exhausted.lastFailedAt ?? "")
            try await eventually("looking leaves every message where it is") {
                try await rig.count("dead.dead") == 4
            }
        }
    }

    @Test(
        "a message whose copy does not fit into a frame is dead-lettered by the broker itself, and blocks nobody"
    )
    func unsendableCopy() async throws {
        let rig = try WorkerRig("unsendable") { _, _ in .deadLetter("never") }
        try await rig.run {
            try await running(rig.worker()) {
                // One header that fills the frame of the properties but for less than a failure's story takes.
                var properties = MessageProperties(
                    deliveryMode: .persistent,
                    messageID: "full",
                    type: Probe.eventType
                )
                properties.headers["filler"] = .string(String(repeating: "x", count: 130_900))
                let message = OutgoingMessage(
                    exchange: rig.exchange,
                    routingKey: "",
                    properties: properties,
                    body: Array(#"{"number":1}"#.utf8)
                )
                #expect(await rig.publisher.publish(message, within: .seconds(20)) == .confirmed)
                #expect(await rig.publish(id: "next") == .confirmed)
                try await eventually("both are dead letters") { try await rig.count("unsendable.dead") == 2 }
            }
            let letters = try await rig.deadLetters()
            #expect(Set(letters.map(\.reason)) == ["rejected", "permanent"])
        }
    }

    @Test("a deleted dead-letter queue is declared again by the first failure that needs it")
    func deletedDeadLetters() async throws {
        let rig = try WorkerRig("undead") { _, _ in .deadLetter("never") }
        try await rig.run {
            try await running(rig.worker()) {
                #expect(await rig.publish(id: "1") == .confirmed)
                try await eventually("one dead letter") { try await rig.count("undead.dead") == 1 }
                try await rig.inspector.deleteQueue("undead.dead", within: .seconds(20))
                #expect(await rig.publish(id: "2") == .confirmed)
                try await eventually("it is back with the second") { try await rig.count("undead.dead") == 1 }
            }
        }
    }

    @Test("a deleted service queue and a deleted failure exchange are declared again, once each in the log")
    func deletedObjects() async throws {
        let rig = try WorkerRig("deleted") { event, _ in event.number == 1 ? .done : .deadLetter("never") }
        let log = RecordingLog()
        try await rig.run {
            try await running(rig.worker(logger: log.logger)) {
                #expect(await rig.publish(id: "1") == .confirmed)
                try await eventually("it is done") { rig.handler.contexts.count == 1 }
                try await rig.inspector.deleteQueue("deleted", within: .seconds(20))
                try await eventually("events reach the queue again") {
                    await rig.publish(id: "2") == .confirmed
                }
                try await eventually("and are done") { rig.handler.contexts.count == 2 }
                #expect(
                    log.lines(
                        containing: "the queue deleted was deleted or has moved: declaring again what is gone"
                    )
                    .count
                        == 1
                )
                try await rig.inspector.deleteExchange("deleted.failures", within: .seconds(20))
                #expect(await rig.publish(id: "3", body: #"{"number":2}"#) == .confirmed)
                try await eventually("the failure arrives") { try await rig.count("deleted.dead") == 1 }
                #expect(log.lines(containing: "'deleted.failures'").count == 1, "\(log.lines)")
            }
        }
    }

    @Test("a replayed dead letter begins anew on its own queue; a discarded one is gone")
    func replay() async throws {
        let rig = try WorkerRig("replay", delays: []) { event, context in
            context.envelope.properties.headers["mended"] == nil && event.number == 2
                ? .retry("broken") : .done
        }
        try await rig.run {
            try await running(rig.worker()) {
                for id in ["a", "b", "c"] { _ = await rig.publish(id: id, body: #"{"number":2}"#) }
                try await eventually("three dead letters") { try await rig.count("replay.dead") == 3 }
            }
            let queue = DeadLetterQueue(service: "replay", broker: rig.inspector)
            let chosen = try await queue.collect(DeadLetterFilter(id: "b"))
            #expect(await queue.replay(chosen, through: rig.publisher).done == 1)
            try await eventually("one is back") { try await rig.count("replay") == 1 }
            try await eventually("two stay") { try await rig.count("replay.dead") == 2 }
            let replayed = try #require(try await rig.inspector.get(from: "replay", within: .seconds(20)))
            #expect(replayed.properties.messageID == "b")
            #expect(replayed.properties.headers["retry-attempt"] == nil)
            #expect(replayed.properties.headers["dead-letter-reason"] == nil)
            rig.inspector.settle(replayed.tag, .acknowledge)
            let rest = try await queue.collect(DeadLetterFilter(), limit: 1)
            #expect(await queue.discard(rest).done == 1)
            try await eventually("one is left") { try await rig.count("replay.dead") == 1 }
        }
    }

    @Test("a message that is delivered again and again is dead-lettered by the broker, readably")
    func deliveryLimit() async throws {
        let rig = try WorkerRig("limit") { _, _ in .done }
        try await rig.run {
            #expect(await rig.publish(id: "poison") == .confirmed)
            for _ in 0...20 {
                // A consumer that takes the message and dies, as a worker does that its message crashes.
                let consumer = Consumer(
                    settings: try .suite(),
                    queue: "limit",
                    prefetch: 1,
                    topology: Topology(),
                    logger: quiet
                )
                try await running(consumer) {
                    _ = await consumer.next(upTo: 1)
                    consumer.stop()
                }
            }
            try await eventually("the broker gave up") { try await rig.count("limit.dead") == 1 }
            let letter = try #require(try await rig.deadLetters().first)
            #expect(letter.id == "poison")
            #expect(letter.reason == "delivery-limit")
        }
    }

    @Test("a worker that is told to stop finishes what it has in hand and settles it")
    func drain() async throws {
        let gate = Gate()
        let rig = try WorkerRig("drain") { _, _ in
            await gate.wait()
            return .done
        }
        try await rig.run {
            for number in 0..<10 { _ = await rig.publish(id: "\(number)") }
            let group = ServiceGroup(services: [try rig.worker(prefetch: 4)], logger: quiet)
            async let ended: Void = group.run()
            try await eventually("four are in hand") { rig.handler.contexts.count == 4 }
            await group.triggerGracefulShutdown()
            gate.open()
            try await ended
            let handled = rig.handler.contexts.count
            // Nothing is settled that was not handled, nothing handled comes again.
            try await eventually("the rest is in the queue") { try await rig.count("drain") == 10 - handled }
            // How many the worker still took before it heard of the end is the scheduler's affair.
            while let rest = try await rig.inspector.get(from: "drain", within: .seconds(20)) {
                #expect(!rig.handler.contexts.map(\.eventID).contains(rest.properties.messageID ?? ""))
            }
        }
    }

    @Test("at the drain deadline what is unfinished goes back to the queue")
    func drainDeadline() async throws {
        let rig = try WorkerRig("stuck") { _, _ in
            // Finishes only when it is cancelled.
            await Gate().wait()
            return .retry("cancelled")
        }
        try await rig.run {
            _ = await rig.publish(id: "slow")
            let group = ServiceGroup(services: [try rig.worker(drain: .milliseconds(200))], logger: quiet)
            async let ended: Void = group.run()
            try await eventually("it is in hand") { rig.handler.contexts.count == 1 }
            await group.triggerGracefulShutdown()
            try await ended
            try await eventually("it is back") { try await rig.count("stuck") == 1 }
        }
    }
}
