import Testing

@testable import RabbitMQ

@Suite("The inbox of a connection")
struct InboxTests {
    private let deliver = InboundMethod.basicDeliver(
        tag: 1,
        redelivered: false,
        exchange: "",
        routingKey: "q"
    )
    private let properties = MessageProperties(messageID: "m")

    private func take(_ frames: [InboundFrame], _ rule: Inbox.Rule, by inbox: inout Inbox) -> [Inbox.Item] {
        for frame in frames { inbox.take(frame, rule) }
        defer { inbox.turnEnded() }
        return inbox.items
    }

    private var message: [InboundFrame] {
        [
            .method(channel: 1, deliver), .header(channel: 1, bodySize: 2, properties),
            .body(channel: 1, [1]),
            .body(channel: 1, [2]),
        ]
    }

    @Test(
        "a message comes as one, in its place among the methods, whatever turns its frames come in",
        arguments: 0...4
    )
    func order(cut: Int) {
        var inbox = Inbox()
        let before = take([.heartbeat] + message[..<cut], .taken, by: &inbox)
        let after = take(message[cut...] + [.method(channel: 1, .basicGetEmpty)], .taken, by: &inbox)
        let content = ContentAssembly.Content(method: deliver, properties: properties, body: [1, 2])
        #expect(before + after == [.content(content), .method(channel: 1, .basicGetEmpty)])
    }

    @Test("an error comes after what came before it, and nothing comes after it")
    func failure() {
        var inbox = Inbox()
        let close = InboundFrame.method(channel: 0, .connectionClose(.success, "bye"))
        let items = take([close, .body(channel: 1, [1]), .heartbeat, close], .taken, by: &inbox)
        #expect(items.count == 2)
        #expect(items.first == .method(channel: 0, .connectionClose(.success, "bye")))
        guard case .failure(let error) = items.last else { return #expect(Bool(false), "\(items)") }
        #expect(error.kind == .malformed)
    }

    @Test("before the login is over a message is refused at its first frame", arguments: 0..<3)
    func refused(first: Int) {
        var inbox = Inbox()
        let items = take(Array(message[first...]), .refused, by: &inbox)
        guard case .failure(let error) = items.first, items.count == 1 else {
            return #expect(Bool(false), "\(items)")
        }
        #expect("\(error)".contains("before the login was over"))
    }

    @Test("after our goodbye messages are ignored, whole or not, and methods are heard")
    func ignored() {
        var inbox = Inbox()
        let closeOk = InboundFrame.method(channel: 0, .connectionCloseOk)
        let items = take(message + message[2...] + [message[1], closeOk], .ignored, by: &inbox)
        #expect(items == [.method(channel: 0, .connectionCloseOk)])
    }

    @Test("an item is given away once")
    func givenAway() {
        var inbox = Inbox()
        for frame in message { inbox.take(frame, .taken) }
        let first = inbox.giveAway(0)
        guard case .content = first else { return #expect(Bool(false), "\(first)") }
        #expect(inbox.items == [.protocolHeader])
    }
}
