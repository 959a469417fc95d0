import Confinement
import Testing

@testable import RabbitMQ

/// A sink that keeps what was written; full after `capacity` publishes.
struct ListSink: FrameSink {
    var methods: [OutboundMethod] = []
    var published: [OutgoingMessage] = []
    var capacity = Int.max

    var isFull: Bool { published.count >= capacity }

    mutating func method(_ method: OutboundMethod, on channel: UInt16) throws(RabbitMQError) {
        methods.append(method)
    }

    mutating func publish(_ message: OutgoingMessage, on channel: UInt16) throws(RabbitMQError) {
        guard message.exchange != "unsendable" else {
            throw RabbitMQError(.malformed, during: .publish, "too large")
        }
        published.append(message)
    }
}

@Suite("The publishing role")
struct PublishingRoleTests {
    private let start = Deadline.now

    private func message(_ id: String, exchange: String = "e") -> OutgoingMessage {
        OutgoingMessage(
            exchange: exchange,
            routingKey: "",
            properties: MessageProperties(messageID: id),
            body: []
        )
    }

    private func submit(
        _ messages: [OutgoingMessage],
        to role: inout PublishingRole,
        after patience: Duration = .seconds(10)
    ) -> OnceReply<[PublishOutcome]> {
        let reply = OnceReply<[PublishOutcome]>(to: "a test's publish")
        let deadline = start.advanced(by: patience)
        role.perform(.publish(.init(messages: messages, deadline: deadline, reply: reply)), at: start)
        return reply
    }

    @Test("a channel that confirms nothing is given up, unless the broker has forbidden to publish")
    func silence() throws {
        var role = PublishingRole()
        var sink = ListSink()
        role.channelOpened()
        let reply = submit([message("1")], to: &role, after: .seconds(600))
        role.expire(at: start)
        try role.write(to: &sink)
        #expect(role.nextDeadline == start.advanced(by: SilenceMachine.quiet))
        // Blocked: the loop does not let it write, however long that lasts.
        for second in 1...100 { role.expire(at: start.advanced(by: .seconds(second))) }
        try role.write(to: &sink)
        let later = start.advanced(by: .seconds(120))
        role.expire(at: later)
        let error = #expect(throws: RabbitMQError.self) { try role.write(to: &sink) }
        #expect(error?.kind == .silent)
        role.channelLost(RabbitMQError(.silent, during: .publish, ""))
        #expect(role.isIdle)
        withExtendedLifetime(reply) {}
    }

    @Test("a channel that refuses everything is given up, too, and a new one begins without that mark")
    func refusing() async throws {
        var role = PublishingRole()
        var sink = ListSink()
        role.channelOpened()
        let reply = submit([message("1")], to: &role, after: .seconds(60))
        role.expire(at: start)
        try role.write(to: &sink)
        try role.received(.basicNack(tag: 1, multiple: false))
        #expect(await reply.value() == [.refused])
        role.expire(at: start.advanced(by: .seconds(1)))
        try role.write(to: &sink)
        role.expire(at: start.advanced(by: .seconds(3)))
        #expect(throws: RabbitMQError.self) { try role.write(to: &sink) }
        role.channelOpened()
        role.expire(at: start.advanced(by: .seconds(100)))
        try role.write(to: &sink)
        #expect(role.nextDeadline == nil)
    }

    @Test("a confirm in time keeps the channel")
    func heard() throws {
        var role = PublishingRole()
        var sink = ListSink()
        role.channelOpened()
        let reply = submit([message("1"), message("2")], to: &role, after: .seconds(60))
        role.expire(at: start)
        try role.write(to: &sink)
        try role.received(.basicAck(tag: 1, multiple: false))
        role.expire(at: start.advanced(by: .seconds(25)))
        try role.write(to: &sink)
        try role.received(.basicAck(tag: 2, multiple: false))
        role.expire(at: start.advanced(by: .seconds(60)))
        try role.write(to: &sink)
        #expect(role.isIdle)
        withExtendedLifetime(reply) {}
    }

    @Test("each message of a batch gets its own outcome, and the batch one answer")
    func outcomes() async throws {
        var role = PublishingRole()
        var sink = ListSink()
        role.channelOpened()
        let messages = [message("1"), message("2", exchange: "unsendable"), message("3"), message("4")]
        let reply = submit(messages, to: &role)
        try role.write(to: &sink)
        #expect(sink.published.map(\.properties.messageID) == ["1", "3", "4"])
        let returned = InboundMethod.basicReturn(.noRoute, "NO_ROUTE", exchange: "e", routingKey: "")
        try role.received(.init(method: returned, properties: MessageProperties(messageID: "3"), body: []))
        try role.received(.basicNack(tag: 3, multiple: false))
        #expect(!role.isIdle)
        try role.received(.basicAck(tag: 2, multiple: true))
        #expect(role.isIdle)
        #expect(
            await reply.value() == [
                .confirmed, .unsendable("too large"), .unroutable("312 NO_ROUTE"), .refused,
            ]
        )
    }

    @Test(
        "at the deadline what was written is unknown and what was not is not sent; late confirms disturb nobody"
    )
    func deadline() async throws {
        var role = PublishingRole()
        var sink = ListSink(capacity: 1)
        role.channelOpened()
        let slow = submit([message("1"), message("2")], to: &role, after: .seconds(1))
        let next = submit([message("3")], to: &role, after: .seconds(5))
        try role.write(to: &sink)
        #expect(role.nextDeadline == start.advanced(by: .seconds(1)))
        role.expire(at: start.advanced(by: .milliseconds(999)))
        role.expire(at: start.advanced(by: .seconds(1)))
        guard case .unknown = await slow.value()?.first else {
            Issue.record("the written one is unknown")
            return
        }
        #expect(role.nextDeadline == start.advanced(by: .seconds(5)))
        sink.capacity = .max
        try role.write(to: &sink)
        #expect(sink.published.map(\.properties.messageID) == ["1", "3"])
        try role.received(.basicAck(tag: 2, multiple: true))
        #expect(await next.value() == [.confirmed])
    }

    @Test("a lost channel makes the written unknown and keeps nothing that would overtake its repeat")
    func loss() async throws {
        var role = PublishingRole()
        var sink = ListSink(capacity: 1)
        role.channelOpened()
        let first = submit([message("1")], to: &role)
        let second = submit([message("2")], to: &role)
        try role.write(to: &sink)
        role.channelLost(RabbitMQError(.unreachable, during: .run, "gone"))
        guard case .unknown = await first.value()?.first, case .notSent = await second.value()?.first else {
            Issue.record("one is unknown, the other not sent")
            return
        }
        role.channelOpened()
        let third = submit([message("3")], to: &role)
        sink = ListSink()
        try role.write(to: &sink)
        #expect(sink.published.map(\.properties.messageID) == ["3"])
        try role.received(.basicAck(tag: 1, multiple: false))
        #expect(await third.value() == [.confirmed])
    }

    @Test("a stopped role answers everybody, and refuses who comes later")
    func shutDown() async throws {
        var role = PublishingRole()
        let waiting = submit([message("1")], to: &role)
        role.shutDown()
        #expect(await waiting.value() == [.notSent("stopped")])
        let late = OnceReply<[PublishOutcome]>(to: "a late publish")
        role.refuse(.publish(.init(messages: [message("2")], deadline: start, reply: late)))
        #expect(await late.value() == [.notSent("the publisher has stopped")])
    }

    @Test("what would wait beyond the bound is refused at once")
    func bound() async {
        var role = PublishingRole()
        let many = (0...PublishingRole.longestQueue).map { message("\($0)") }
        let outcomes = await submit(many, to: &role).value()
        #expect(outcomes?.count == many.count)
        guard case .notSent = outcomes?.first else {
            Issue.record("refused")
            return
        }
        #expect(role.isIdle)
    }
}
