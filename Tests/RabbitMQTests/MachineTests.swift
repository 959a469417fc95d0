import Confinement
import Testing

@testable import RabbitMQ

@Suite("Machines")
struct MachineTests {
    private let start = Deadline.now
    private let endpoint = Endpoint(host: "broker", port: 5672, user: "u", password: "secret")

    @Test("a connection is tried at once, then after growing pauses, and its loss is told once")
    func reconnecting() {
        var machine = ConnectionMachine(backoff: BackoffPolicy(base: .seconds(1), limit: .seconds(4)))
        #expect(machine.clockMoved(to: start) == true)
        #expect(machine.state == .connecting(attempt: 1))
        #expect(machine.connectionLost(at: start, roll: 1) == .lost)
        #expect(machine.clockMoved(to: start.advanced(by: .milliseconds(1999))) == false)
        #expect(machine.clockMoved(to: start.advanced(by: .seconds(2))) == true)
        #expect(machine.state == .connecting(attempt: 2))
        #expect(machine.connectionLost(at: start, roll: 1) == .stillAway)
        #expect(machine.clockMoved(to: start.advanced(by: .seconds(4))) == true)
        machine.connectionOpened(at: start)
        #expect(machine.state == .open(since: start, failures: 2))
        let proven = start.advanced(by: ConnectionMachine.provenAfter)
        #expect(machine.connectionLost(at: proven, roll: 1) == .lost)
        #expect(machine.clockMoved(to: proven.advanced(by: .seconds(1))) == true)
        #expect(machine.state == .connecting(attempt: 1))
        machine.stopped()
        #expect(machine.clockMoved(to: start.advanced(by: .seconds(100))) == false)
    }

    @Test("a connection that dies right after it opened is not tried at once again")
    func flapping() {
        var machine = ConnectionMachine(backoff: BackoffPolicy(base: .seconds(1), limit: .seconds(60)))
        var now = start
        for attempt in 1...4 {
            #expect(machine.clockMoved(to: now) == true)
            machine.connectionOpened(at: now)
            #expect(machine.connectionLost(at: now, roll: 1) == .lost)
            now = now.advanced(by: .seconds(1 << attempt))
            #expect(machine.state == .waiting(attempt: attempt, until: now))
        }
    }

    @Test("of several brokers the next is tried at once; only when all have failed there is a rest")
    func severalBrokers() {
        let backoff = BackoffPolicy(base: .seconds(1), limit: .seconds(60))
        var machine = ConnectionMachine(backoff: backoff, endpoints: 3)
        _ = machine.clockMoved(to: start)
        machine.connectionOpened(at: start)
        var now = start.advanced(by: ConnectionMachine.provenAfter)
        // The loss itself, then one failure after the other.
        for rest in [0, 0, 1, 0, 0, 2, 0] {
            _ = machine.connectionLost(at: now, roll: 1)
            let due = now.advanced(by: .seconds(rest))
            guard case .waiting(_, until: due) = machine.state else {
                Issue.record("\(machine.state) instead of a rest of \(rest) s")
                return
            }
            now = due
            #expect(machine.clockMoved(to: now) == true)
        }
    }

    @Test("a channel that refuses everything is given up after two seconds, then four; a silent one later")
    func silence() {
        var machine = SilenceMachine()
        #expect(machine.deadline == nil)
        machine.waits(at: start)
        machine.waits(at: start.advanced(by: .seconds(1)))
        #expect(machine.deadline == start.advanced(by: .seconds(20)))
        machine.refused()
        #expect(!machine.isOver(at: start.advanced(by: .milliseconds(1999))))
        #expect(machine.isOver(at: start.advanced(by: .seconds(2))))
        machine.startedOver()
        #expect(!machine.isOver(at: start.advanced(by: .seconds(100))))
        machine.channelOpened()
        machine.waits(at: start)
        #expect(machine.deadline == start.advanced(by: .seconds(20)))
        machine.refused()
        #expect(machine.deadline == start.advanced(by: .seconds(4)))
        machine.rests()
        #expect(machine.deadline == nil)
        for _ in 0..<10 { machine.startedOver() }
        #expect(machine.patience == SilenceMachine.longest)
        machine.heard()
        machine.waits(at: start)
        machine.refused()
        #expect(machine.deadline == start.advanced(by: .seconds(2)))
    }

    @Test("delays double to the limit and are spread over their upper half")
    func backoff() {
        let policy = BackoffPolicy(base: .milliseconds(100), limit: .seconds(5))
        #expect(policy.delay(attempt: 1, roll: 0) == .milliseconds(50))
        #expect(policy.delay(attempt: 1, roll: 1) == .milliseconds(100))
        #expect(policy.delay(attempt: 3, roll: 1) == .milliseconds(400))
        #expect(policy.delay(attempt: 1_000_000, roll: 1) == .seconds(5))
        #expect(policy.delay(attempt: -5, roll: 7) == .milliseconds(100))
    }

    @Test("heartbeats leave after half the interval, and a peer silent for two is dead")
    func heartbeat() {
        var machine = HeartbeatMachine(interval: .seconds(10), at: start)
        #expect(machine.action(at: start.advanced(by: .seconds(4))) == .none)
        #expect(machine.action(at: start.advanced(by: .seconds(5))) == .sendHeartbeat)
        machine.bytesSent(at: start.advanced(by: .seconds(5)))
        #expect(machine.action(at: start.advanced(by: .seconds(9))) == .none)
        #expect(machine.action(at: start.advanced(by: .seconds(20))) == .declareDead)
        machine.bytesReceived(at: start.advanced(by: .seconds(19)))
        #expect(machine.action(at: start.advanced(by: .seconds(20))) == .sendHeartbeat)
        // A socket that takes nothing cannot take a heartbeat either: only the peer's death is waited for.
        let stuck = HeartbeatMachine(interval: .seconds(10), at: start)
        #expect(stuck.nextDeadline(isStuck: false) == start.advanced(by: .seconds(5)))
        #expect(stuck.nextDeadline(isStuck: true) == start.advanced(by: .seconds(20)))
        #expect(
            HeartbeatMachine(interval: nil, at: start).action(at: start.advanced(by: .seconds(999))) == .none
        )
    }

    @Test("the login takes the smaller limit of both sides and announces what it understands")
    func handshake() {
        var machine = HandshakeMachine(endpoint: endpoint, heartbeat: .seconds(10), connectionName: "test")
        guard
            case .send(let login, 0) = machine.received(.connectionStart(mechanisms: "AMQPLAIN PLAIN")),
            case .connectionStartOk(let properties, "PLAIN", let response) = login.first
        else {
            Issue.record("no login")
            return
        }
        #expect(response == Array("\0u\0secret".utf8))
        guard case .table(let capabilities) = properties["capabilities"] else {
            Issue.record("none")
            return
        }
        for name in ["consumer_cancel_notify", "connection.blocked", "basic.nack", "publisher_confirms"] {
            #expect(capabilities[name] == true, "\(name)")
        }
        let tuned = machine.received(.connectionTune(channelMax: 2047, frameMax: 8192, heartbeat: 60))
        let parameters = HandshakeMachine.Parameters(frameMax: 8192, heartbeat: .seconds(10))
        #expect(
            tuned
                == .tune(
                    parameters,
                    send: [
                        .connectionTuneOk(channelMax: 8, frameMax: 8192, heartbeat: 10),
                        .connectionOpen(virtualHost: "/"),
                    ]
                )
        )
        #expect(machine.received(.connectionOpenOk) == .send([.channelOpen], channel: 1))
        #expect(machine.received(.channelOpenOk) == .finished)
    }

    @Test("a peer that does not lead through the login is refused, and the password is not told")
    func oddLogin() {
        var odd = HandshakeMachine(endpoint: endpoint, heartbeat: .seconds(10), connectionName: "test")
        guard case .failed(let error) = odd.received(.basicGetEmpty) else {
            Issue.record("took a strange method")
            return
        }
        #expect(error.kind == .malformed)
        #expect(!"\(error)".contains("secret"))
        var external = HandshakeMachine(endpoint: endpoint, heartbeat: .seconds(10), connectionName: "test")
        guard case .failed = external.received(.connectionStart(mechanisms: "EXTERNAL")) else {
            Issue.record("logged in with a mechanism that is not offered")
            return
        }
    }

    @Test("declarations go one at a time, exchanges, queues, bindings, then the role's own")
    func setup() {
        let exchange = ExchangeDeclaration("e", kind: .fanout)
        let queue = QueueDeclaration("q")
        let binding = Binding(exchange: "e", queue: "q")
        let topology = Topology(exchanges: [exchange], queues: [queue], bindings: [binding])
        var machine = SetupMachine(topology: topology, duty: .declare, opening: [.confirmSelect])
        #expect(machine.current == .exchangeDeclare(exchange))
        #expect(machine.received(.queueBindOk) == false)
        #expect(machine.received(.exchangeDeclareOk) == true)
        #expect(machine.current == .queueDeclare(queue))
        #expect(machine.subject == "queue q")
        #expect(machine.received(.queueDeclareOk(name: "q", messages: 0, consumers: 0)) == true)
        #expect(machine.received(.queueBindOk) == true)
        #expect(machine.received(.confirmSelectOk) == true)
        #expect(machine.current == nil)
    }

    @Test("a new way to a queue is opened before an old one is closed, and exchanges go last")
    func setupThatRemoves() {
        let exchange = ExchangeDeclaration("e.filter", kind: .headers)
        let feed = ExchangeBinding(source: "e", destination: "e.filter")
        let new = Binding(exchange: "e.filter", queue: "q", arguments: ["x-match": "all"])
        let old = Binding(exchange: "e", queue: "q")
        let topology = Topology(
            exchanges: [exchange],
            exchangeBindings: [feed],
            bindings: [new],
            removedBindings: [old],
            removedExchanges: ["other"]
        )
        var machine = SetupMachine(topology: topology, duty: .declare, opening: [.confirmSelect])
        let steps: [(OutboundMethod, InboundMethod, String)] = [
            (.exchangeDeclare(exchange), .exchangeDeclareOk, "exchange e.filter"),
            (.exchangeBind(feed), .exchangeBindOk, "binding e -> exchange e.filter"),
            (.queueBind(new), .queueBindOk, "binding e.filter -> q"),
            (.queueUnbind(old), .queueUnbindOk, "removal of binding e -> q"),
            (.exchangeDelete("other"), .exchangeDeleteOk, "removal of exchange other"),
            (.confirmSelect, .confirmSelectOk, "channel"),
        ]
        for (method, answer, subject) in steps {
            #expect(machine.current == method)
            #expect(machine.subject == subject)
            #expect(machine.received(.basicQosOk) == false)
            #expect(machine.received(answer) == true)
        }
        #expect(machine.current == nil)
    }

    @Test("content comes together from its frames; anything out of turn is refused")
    func content() throws {
        let deliver = InboundMethod.basicDeliver(tag: 1, redelivered: false, exchange: "", routingKey: "q")
        var assembly = ContentAssembly()
        try assembly.begin(deliver)
        #expect(try assembly.header(size: 5, MessageProperties(messageID: "a")) == nil)
        #expect(try assembly.body([1, 2]) == nil)
        let content = try assembly.body([3, 4, 5])
        #expect(content?.body == [1, 2, 3, 4, 5])
        #expect(content?.properties.messageID == "a")
        try assembly.begin(deliver)
        #expect(try assembly.header(size: 0, MessageProperties())?.body.isEmpty == true)
        #expect(throws: RabbitMQError.self) { try assembly.body([1]) }
        #expect(throws: RabbitMQError.self) { try assembly.header(size: 1, MessageProperties()) }
        try assembly.begin(deliver)
        #expect(throws: RabbitMQError.self) { try assembly.begin(deliver) }
        #expect(throws: RabbitMQError.self) { try assembly.header(size: .max, MessageProperties()) }
    }
}
