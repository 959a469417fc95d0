import Confinement
import Testing

@testable import RabbitMQ

@Suite("When settlements are written")
struct SettlementPacerTests {
    private let start = Deadline.now
    private let buffer = DeliveryBuffer()

    /// A role with so many deliveries in hand, of which some are settled, at the start.
    private func role(prefetch: UInt16, delivered: UInt64) throws -> ConsumingRole {
        var role = ConsumingRole.sample(prefetch: prefetch, buffer: buffer)
        for number in 1...delivered { try role.deliver(number) }
        return role
    }

    private func settle(
        _ numbers: ClosedRange<UInt64>,
        _ settlement: Settlement,
        in role: inout ConsumingRole
    ) {
        for number in numbers {
            role.perform(.settle(DeliveryTag(epoch: 1, number: number), settlement), at: start)
        }
    }

    /// What is written in a turn at that time.
    private func written(
        by role: inout ConsumingRole,
        after wait: Duration = .zero
    ) throws -> [OutboundMethod] {
        var sink = ListSink()
        role.expire(at: start.advanced(by: wait))
        try role.write(to: &sink)
        return sink.methods
    }

    @Test("a quarter of the prefetch goes out at once, as one frame")
    func quarter() throws {
        var role = try role(prefetch: 64, delivered: 64)
        settle(1...15, .acknowledge, in: &role)
        #expect(try written(by: &role) == [])
        settle(16...16, .acknowledge, in: &role)
        #expect(try written(by: &role) == [.basicAck(tag: 16, multiple: true)])
        #expect(try written(by: &role, after: .seconds(1)) == [])
    }

    @Test("fewer wait for 5 ms, and the connection's thread wakes for them")
    func patience() throws {
        var role = try role(prefetch: 64, delivered: 2)
        settle(1...1, .acknowledge, in: &role)
        #expect(try written(by: &role, after: .milliseconds(4)) == [])
        #expect(role.nextDeadline == start.advanced(by: .milliseconds(5)))
        #expect(try written(by: &role, after: .milliseconds(6)) == [.basicAck(tag: 1, multiple: false)])
    }

    @Test("nothing waits beside empty hands, also not with a prefetch of one")
    func emptyHands() throws {
        var role = try role(prefetch: 64, delivered: 3)
        settle(1...3, .acknowledge, in: &role)
        #expect(try written(by: &role) == [.basicAck(tag: 3, multiple: true)])
        var single = try self.role(prefetch: 1, delivered: 1)
        settle(1...1, .acknowledge, in: &single)
        #expect(try written(by: &single) == [.basicAck(tag: 1, multiple: false)])
    }

    @Test("a refusal takes all that waits along", arguments: [Settlement.requeue, .reject])
    func refusal(_ settlement: Settlement) throws {
        var role = try role(prefetch: 64, delivered: 64)
        settle(1...1, .acknowledge, in: &role)
        #expect(try written(by: &role) == [])
        settle(2...2, settlement, in: &role)
        #expect(try written(by: &role).count == 2)
        // What comes after it waits again.
        settle(3...3, .acknowledge, in: &role)
        #expect(try written(by: &role) == [])
    }

    @Test("whoever pauses or stops waits for no others")
    func stopping() throws {
        var role = try role(prefetch: 64, delivered: 64)
        settle(1...1, .acknowledge, in: &role)
        role.perform(.cancel, at: start)
        #expect(try written(by: &role).first == .basicAck(tag: 1, multiple: false))
        var pausing = try self.role(prefetch: 64, delivered: 64)
        settle(1...1, .acknowledge, in: &pausing)
        pausing.perform(.pause(epoch: 1, OnceReply<UInt64?>(to: "a test's pause")), at: start)
        #expect(try written(by: &pausing).first == .basicAck(tag: 1, multiple: false))
        pausing.shutDown()
    }

    @Test("the last writing before a connection closes leaves nothing behind")
    func closing() throws {
        var role = try role(prefetch: 64, delivered: 64)
        settle(1...1, .acknowledge, in: &role)
        var sink = ListSink()
        role.hurry()
        try role.write(to: &sink)
        #expect(sink.methods == [.basicAck(tag: 1, multiple: false)])
        role.expire(at: start.advanced(by: .seconds(1)))
        #expect(role.nextDeadline == nil)
    }

    @Test("nothing of a channel that is gone is kept waiting")
    func lost() throws {
        var role = try role(prefetch: 64, delivered: 64)
        settle(1...1, .acknowledge, in: &role)
        role.channelLost(RabbitMQError(.silent, during: .run, "gone"))
        role.channelOpened()
        #expect(try written(by: &role, after: .milliseconds(6)) == [])
    }
}
