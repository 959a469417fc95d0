/// Declares a topology and removes what it says is over, or looks whether it is there, and prepares a channel, one
/// request at a time.
///
/// Pure. One at a time, because the broker's refusal closes the channel without naming the request: what is
/// outstanding is then exactly what it refused.
struct SetupMachine {
    private var pending: ArraySlice<OutboundMethod>
    private let duty: TopologyDuty

    init(topology: Topology, duty: TopologyDuty, opening: [OutboundMethod]) {
        self.duty = duty
        switch duty {
        case .declare: pending = (Self.declarations(of: topology) + opening)[...]
        case .verify: pending = (Self.questions(about: topology) + opening)[...]
        }
    }

    private static func declarations(of topology: Topology) -> [OutboundMethod] {
        topology.exchanges.map(OutboundMethod.exchangeDeclare)
            + topology.queues.map(OutboundMethod.queueDeclare)
            + topology.exchangeBindings.map(OutboundMethod.exchangeBind)
            + topology.bindings.map(OutboundMethod.queueBind)
            + topology.removedBindings.map(OutboundMethod.queueUnbind)
            + topology.removedExchanges.map(OutboundMethod.exchangeDelete)
    }

    private static func questions(about topology: Topology) -> [OutboundMethod] {
        topology.exchanges.map { .exchangeDeclarePassive($0.name) }
            + topology.queues.map { .queueDeclarePassive($0.name) }
    }

    /// The request that waits for its answer, or is to be sent first; `nil` when all is done.
    var current: OutboundMethod? { pending.first }

    /// The broker sent a method.
    /// - Returns: Whether it was the answer to ``current``, which is now the next one.
    mutating func received(_ method: InboundMethod) -> Bool {
        guard let current, current.isAnswered(by: method) else { return false }
        pending.removeFirst()
        return true
    }

    /// The broker closed the channel over ``current``.
    ///
    /// - Returns: An error that says what is missing, or which permission, and how to mend it.
    func refused(_ code: ReplyCode, _ text: String) -> RabbitMQError {
        if case .verify(let remedy) = duty, code == .notFound, isQuestion {
            return RabbitMQError(.refused(code), during: .verify, "\(subject) is missing: \(remedy)")
        }
        var detail = "\(subject): \(text)"
        if code == .accessRefused, let permission {
            detail += "; the login needs \(permission)"
            if duty == .declare, !isOpening {
                detail += ", or rabbitmq.topology=verify where an operator declares"
            }
        }
        return RabbitMQError(.refused(code), during: .declare, detail)
    }

    private var isQuestion: Bool {
        switch current {
        case .exchangeDeclarePassive, .queueDeclarePassive: true
        default: false
        }
    }

    private var isOpening: Bool {
        switch current {
        case .basicConsume, .basicQos, .confirmSelect: true
        default: false
        }
    }

    /// What the broker asks of a login for ``current`` (RabbitMQ guide *Access Control*, its table of operations).
    private var permission: String? {
        switch current {
        case .exchangeDeclare(let exchange): "configure on \(exchange.name)"
        case .exchangeDelete(let name): "configure on \(name)"
        case .queueDeclare(let queue):
            switch queue.arguments["x-dead-letter-exchange"]?.text {
            case nil: "configure on \(queue.name)"
            case let target?:
                "configure and read on \(queue.name) and write on \(target.isEmpty ? "amq.default" : target)"
            }
        case .queueBind(let binding), .queueUnbind(let binding):
            "write on \(binding.queue) and read on \(binding.exchange)"
        case .exchangeBind(let binding): "write on \(binding.destination) and read on \(binding.source)"
        case .basicConsume(let queue, _): "read on \(queue)"
        default: nil
        }
    }

    /// What ``current`` is about, for the log line.
    var subject: String {
        switch current {
        case .exchangeDeclarePassive(let name): "exchange \(name)"
        case .queueDeclarePassive(let name): "queue \(name)"
        case .exchangeDeclare(let exchange): "exchange \(exchange.name)"
        case .queueDeclare(let queue): "queue \(queue.name)"
        case .queueBind(let binding): "binding \(binding.exchange) -> \(binding.queue)"
        case .exchangeBind(let binding): "binding \(binding.source) -> exchange \(binding.destination)"
        case .queueUnbind(let binding): "removal of binding \(binding.exchange) -> \(binding.queue)"
        case .exchangeDelete(let name): "removal of exchange \(name)"
        case .basicConsume(let queue, _): "consumer of \(queue)"
        default: "channel"
        }
    }
}
