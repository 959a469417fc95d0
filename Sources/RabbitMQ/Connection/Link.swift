internal import Confinement

/// One connection from its first SYN to its end: socket, codec, handshake, declarations, heartbeat.
///
/// Lives and dies on the owning thread. Every function that throws has ended the connection.
struct Link: ~Copyable {
    private enum Phase {
        case connecting
        case loggingIn(HandshakeMachine)
        case declaring(SetupMachine)
        case working
        case closing
    }

    /// What a turn of reading found besides content for the role.
    enum Event {
        case opened
        case blocked(String)
        case unblocked
        case closed
    }

    private var transport: Transport
    private var decoder = FrameDecoder()
    private(set) var encoder = FrameEncoder()
    private var phase = Phase.connecting
    private var inbox = Inbox()
    private var hasHeardNothing = true
    private var heartbeat: HeartbeatMachine
    private let topology: Topology
    private let duty: TopologyDuty
    private let opening: [OutboundMethod]
    private let handshake: HandshakeMachine

    init(
        to address: SocketAddress,
        host: String,
        security: SecureMaterial?,
        handshake: HandshakeMachine,
        topology: Topology,
        duty: TopologyDuty,
        opening: [OutboundMethod],
        at now: Deadline
    ) throws(RabbitMQError) {
        let transport = try Transport(to: address, host: host, security: security)
        self.transport = transport
        heartbeat = HeartbeatMachine(interval: nil, at: now)
        self.handshake = handshake
        self.topology = topology
        self.duty = duty
        self.opening = opening
    }

    var descriptor: Int32 { transport.descriptor }

    var isConnecting: Bool { if case .connecting = phase { true } else { false } }

    var isWorking: Bool { if case .working = phase { true } else { false } }

    var isFull: Bool { encoder.isFull }

    /// Whether the socket should take more; while TLS is being agreed it waits for the broker, not for the socket.
    var wantsToWrite: Bool {
        isConnecting || transport.hasSealedBytes || (!transport.isSecuring && encoder.pendingCount > 0)
    }

    var nextDeadline: Deadline? { heartbeat.nextDeadline(isStuck: wantsToWrite) }

    /// What the broker owes now, for the error of an attempt whose time is over.
    var owed: String {
        switch phase {
        case .connecting: "to the attempt to connect"
        case .loggingIn where transport.isSecuring: "to the TLS handshake"
        case .loggingIn: "to the login"
        case .declaring(let machine): "to the declaration of \(machine.subject)"
        case .working, .closing: "to the goodbye"
        }
    }

    /// The socket became writable for the first time: the attempt to connect has ended.
    mutating func connected() throws(RabbitMQError) {
        try transport.finishConnecting()
        phase = .loggingIn(handshake)
        encoder.begin()
    }

    /// Lets the role add frames.
    mutating func write(
        _ body: (inout FrameEncoder) throws(RabbitMQError) -> Void
    ) throws(RabbitMQError) {
        try body(&encoder)
    }

    /// Begins to close on our own account.
    mutating func close(_ code: ReplyCode, _ text: String) {
        phase = .closing
        try? encoder.method(.connectionClose(code, text), on: 0)
    }

    /// Sends what the socket takes, and a heartbeat where one is due.
    mutating func send(at now: Deadline) throws(RabbitMQError) {
        switch heartbeat.action(at: now) {
        case .none: break
        case .sendHeartbeat: if !wantsToWrite { encoder.heartbeat() }
        case .declareDead: throw RabbitMQError(.silent, during: .run, "no byte for two heartbeats")
        }
        guard !isConnecting else { return }
        switch transport.send(&encoder) {
        case .sent(0): break
        case .sent: heartbeat.bytesSent(at: now)
        case .failed(let error): throw error
        }
    }

    /// Reads what is there, once, and hands frames on.
    mutating func receive(
        with buffer: borrowing ReceiveBuffer,
        at now: Deadline,
        into role: inout some ChannelRole
    ) throws(RabbitMQError) -> [Event] {
        switch transport.receive(into: buffer) {
        case .nothing: return []
        case .end: throw RabbitMQError(.unreachable, during: .run, endReason)
        case .failed(let error): throw error
        case .bytes(let count):
            heartbeat.bytesReceived(at: now)
            guard count > 0 else { return [] }
            if hasHeardNothing, buffer.startsWithAlert(count) { throw SecurityFailure.wantsTLS.error }
            hasHeardNothing = false
            var inbox = Inbox()
            swap(&inbox, &self.inbox)
            let rule = contentRule
            do throws(RabbitMQError) {
                try decoder.decode(buffer, count: count) { inbox.take($0, rule) }
            } catch {
                // After what came before it, such as the broker's own reason to close.
                inbox.fail(error)
            }
            var events: [Event] = []
            for index in inbox.items.indices {
                if let event = try handle(inbox.giveAway(index), at: now, role: &role) {
                    events.append(event)
                }
            }
            inbox.turnEnded()
            swap(&inbox, &self.inbox)
            return events
        }
    }

    private var contentRule: Inbox.Rule {
        switch phase {
        case .connecting, .loggingIn: .refused
        case .declaring, .working: .taken
        case .closing: .ignored
        }
    }

    private var endReason: String {
        switch phase {
        case .loggingIn where transport.isSecuring:
            "the broker closed the connection during the TLS handshake"
        case .loggingIn where hasHeardNothing && !transport.usesTLS:
            "the broker closed the connection without a word; a port for amqps does so to amqp"
        case .loggingIn: "the broker closed the connection during login"
        default: "the broker closed the connection"
        }
    }

    private mutating func handle(
        _ item: consuming Inbox.Item,
        at now: Deadline,
        role: inout some ChannelRole
    ) throws(RabbitMQError) -> Event? {
        if case .closing = phase {
            // What was on its way when we said goodbye; only the answer counts.
            if case .method(_, .connectionCloseOk) = item { return .closed }
            if case .method(_, .connectionClose) = item { return .closed }
            return nil
        }
        switch consume item {
        case .failure(let error): throw error
        case .protocolHeader:
            throw RabbitMQError(.malformed, during: .logIn, "the peer does not speak AMQP 0-9-1")
        case .content(let content):
            try role.received(content)
        case .method(let channel, let method):
            if case .connectionClose(let code, let text) = method { try closedByBroker(code, text) }
            return try handle(method, on: channel, at: now, role: &role)
        }
        return nil
    }

    private mutating func handle(
        _ method: InboundMethod,
        on channel: UInt16,
        at now: Deadline,
        role: inout some ChannelRole
    ) throws(RabbitMQError) -> Event? {
        switch phase {
        case .connecting:
            return nil
        case .loggingIn(var machine):
            let action = machine.received(method)
            phase = .loggingIn(machine)
            return try logIn(action, at: now)
        case .declaring(var machine):
            if case .channelClose(let code, let text) = method {
                throw machine.refused(code, text)
            }
            guard machine.received(method) else { return try working(method, role: &role) }
            phase = .declaring(machine)
            return try declareNext(machine)
        case .working:
            return try working(method, role: &role)
        case .closing:
            return nil
        }
    }

    private mutating func logIn(
        _ action: HandshakeMachine.Action,
        at now: Deadline
    ) throws(RabbitMQError) -> Event? {
        switch action {
        case .send(let methods, let channel):
            for method in methods { try encoder.method(method, on: channel) }
            return nil
        case .tune(let parameters, let methods):
            decoder.tune(frameMax: parameters.frameMax)
            encoder.frameMax = parameters.frameMax
            heartbeat = HeartbeatMachine(interval: parameters.heartbeat, at: now)
            for method in methods { try encoder.method(method, on: 0) }
            return nil
        case .finished:
            return try declareNext(SetupMachine(topology: topology, duty: duty, opening: opening))
        case .failed(let error):
            throw error
        }
    }

    private mutating func declareNext(_ machine: SetupMachine) throws(RabbitMQError) -> Event? {
        guard let next = machine.current else {
            phase = .working
            return .opened
        }
        phase = .declaring(machine)
        try encoder.method(next, on: 1)
        return nil
    }

    private mutating func working(
        _ method: InboundMethod,
        role: inout some ChannelRole
    ) throws(RabbitMQError) -> Event? {
        switch method {
        case .connectionBlocked(let reason): return .blocked(reason)
        case .connectionUnblocked: return .unblocked
        case .channelClose(let code, let text):
            throw role.refused(code, text)
        default:
            try role.received(method)
        }
        return nil
    }

    private mutating func closedByBroker(_ code: ReplyCode, _ text: String) throws(RabbitMQError) {
        // Best effort: the broker closes the socket with or without it.
        try? encoder.method(.connectionCloseOk, on: 0)
        _ = transport.send(&encoder)
        let operation: RabbitMQError.Operation = if case .working = phase { .run } else { .logIn }
        throw RabbitMQError(.refused(code), during: operation, text)
    }
}
