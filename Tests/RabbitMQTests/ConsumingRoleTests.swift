import Confinement
import Testing

@testable import RabbitMQ

@Suite("The consuming role")
struct ConsumingRoleTests {
    private let start = Deadline.now
    private let buffer = DeliveryBuffer()
    private let epoch = EpochBox()
    private let deafness = DeafnessCounter()

    private func role(first: Intake = .full, duty: TopologyDuty = .declare) -> ConsumingRole {
        ConsumingRole.sample(
            first: first,
            upkeep: [.exchangeDeclarePassive("e")],
            duty: duty,
            buffer: buffer,
            epoch: epoch,
            deafness: deafness
        )
    }

    private func after(_ seconds: Int) -> Deadline { start.advanced(by: .seconds(seconds)) }

    @Test("a stale tag is never sent, a fresh one is")
    func staleTag() throws {
        var role = role()
        var sink = ListSink()
        try role.deliver(1)
        role.channelLost(RabbitMQError(.silent, during: .run, "gone"))
        role.channelOpened()
        try role.deliver(1)
        role.perform(.settle(DeliveryTag(epoch: 1, number: 1), .acknowledge), at: start)
        role.expire(at: start)
        try role.write(to: &sink)
        #expect(sink.methods.isEmpty)
        role.perform(.settle(DeliveryTag(epoch: 2, number: 1), .acknowledge), at: start)
        role.expire(at: start)
        try role.write(to: &sink)
        #expect(sink.methods == [.basicAck(tag: 1, multiple: false)])
    }

    @Test(
        "what is left to a quick handler is looked after within a millisecond, counted anew once it was taken",
        .timeLimit(.minutes(1))
    )
    func relief() async throws {
        var role = role()
        for _ in 0..<64 { _ = buffer.takeFirst(after: .zero) }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 { group.addTask { await buffer.take(upTo: 1)?.count ?? 0 } }
            while buffer.waitingTakers < 2 { await Task.yield() }
            for number in 1...2 as ClosedRange<UInt64> { try role.deliver(number) }
            role.turnEnded()
            #expect(try await group.next() == 1)
            #expect(buffer.waitingTakers == 1)
            role.expire(at: start)
            #expect(role.nextDeadline == start.advanced(by: .milliseconds(1)))
            // Taken, and another is left later: what was looked after before is over.
            #expect(buffer.takeFirst(after: .zero) != nil)
            group.addTask { await buffer.take(upTo: 1)?.count ?? 0 }
            while buffer.waitingTakers < 2 { await Task.yield() }
            try role.deliver(3)
            role.turnEnded()
            role.expire(at: start.advanced(by: .microseconds(800)))
            #expect(try await group.next() == 1)
            try role.deliver(4)
            let later = start.advanced(by: .microseconds(900))
            role.turnEnded()
            role.expire(at: later)
            #expect(role.nextDeadline == later.advanced(by: .milliseconds(1)))
            role.expire(at: start.advanced(by: .milliseconds(1)))
            #expect(buffer.waitingTakers == 1)
            role.expire(at: later.advanced(by: .milliseconds(1)))
            #expect(try await group.next() == 1)
        }
    }

    @Test(
        "a pause is answered with the last delivery once the broker has answered, and what came is handed out"
    )
    func pause() async throws {
        var role = role()
        var sink = ListSink()
        let reply = OnceReply<UInt64?>(to: "a test's pause")
        try role.deliver(1)
        role.perform(.pause(epoch: 1, reply), at: start)
        try role.write(to: &sink)
        #expect(sink.methods == [.basicCancel(consumerTag: "worker-1")])
        // On its way when the broker heard of it.
        try role.deliver(2)
        try role.received(.basicCancelOk)
        role.turnEnded()
        #expect(await reply.value() == 2)
        #expect(await buffer.take(upTo: 10)?.map(\.tag.number) == [1, 2])
    }

    @Test("a pause of a channel that is gone, or goes, is answered with nothing")
    func pauseLost() async {
        var role = role()
        let stale = OnceReply<UInt64?>(to: "a test's pause")
        role.perform(.pause(epoch: 7, stale), at: start)
        #expect(await stale.value() == .some(nil))
        let waiting = OnceReply<UInt64?>(to: "a test's pause")
        role.perform(.pause(epoch: 1, waiting), at: start)
        role.channelLost(RabbitMQError(.silent, during: .run, "gone"))
        #expect(await waiting.value() == .some(nil))
    }

    @Test("a pause that the broker does not answer loses the connection")
    func pauseUnanswered() throws {
        var role = role()
        var sink = ListSink()
        let reply = OnceReply<UInt64?>(to: "a test's pause")
        role.perform(.pause(epoch: 1, reply), at: start)
        try role.write(to: &sink)
        role.expire(at: after(4))
        try role.write(to: &sink)
        role.expire(at: after(6))
        #expect(throws: RabbitMQError.self) { try role.write(to: &sink) }
        role.shutDown()
    }

    @Test("whoever stops does not wait for a broker that never answers the cancellation")
    func stopUnanswered() async throws {
        var role = role()
        var sink = ListSink()
        role.perform(.cancel, at: start)
        try role.write(to: &sink)
        #expect(sink.methods == [.basicCancel(consumerTag: "worker-1")])
        role.expire(at: after(3))
        try role.write(to: &sink)
        #expect(await buffer.take(upTo: 1) == nil)
    }

    @Test("an idle subscription asks, and one to which nothing comes although messages wait begins again")
    func deaf() throws {
        var role = role()
        var sink = ListSink()
        for round in 1...3 {
            role.expire(at: after(round * 10 - 10))
            try role.write(to: &sink)
            #expect(sink.methods.count == (round - 1) * 2)
            guard round > 1 else { continue }
            try role.received(.queueDeclareOk(name: "q", messages: 5, consumers: 1))
        }
        #expect(sink.methods.prefix(2) == [.exchangeDeclarePassive("e"), .queueDeclarePassive("q")])
        role.expire(at: after(20))
        #expect(throws: RabbitMQError.self) { try role.write(to: &sink) }
        #expect(deafness.resubscriptions == 1)
    }

    @Test("with something in hand nothing is asked")
    func busy() throws {
        var role = role()
        var sink = ListSink()
        role.expire(at: start)
        try role.deliver(1)
        role.expire(at: after(60))
        try role.write(to: &sink)
        #expect(sink.methods.isEmpty)
        #expect(role.nextDeadline == nil)
    }

    @Test("an idle worker that may only look asks for no binding, and says who mends what is gone")
    func verifying() {
        let topology = Topology(
            exchanges: [ExchangeDeclaration("e", kind: .fanout)],
            queues: [QueueDeclaration("q")],
            bindings: [Binding(exchange: "e", queue: "q")]
        )
        let duty = TopologyDuty.verify(remedy: "orderctl topology apply inventory")
        #expect(topology.upkeep(as: duty) == [.exchangeDeclarePassive("e")])
        #expect(topology.upkeep(as: .declare).contains(.queueBind(Binding(exchange: "e", queue: "q"))))
        let error = role(duty: duty).refused(.notFound, "NOT_FOUND - no exchange 'e'")
        #expect(error.detail == "orderctl topology apply inventory: NOT_FOUND - no exchange 'e'")
    }
}
