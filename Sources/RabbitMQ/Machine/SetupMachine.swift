/// Declares a topology, removes what it says is over, and prepares a channel, one request at a time.
///
/// Pure. One at a time, because the broker's refusal closes the channel without naming the request: what is
/// outstanding is then exactly what it refused.
struct SetupMachine {
    private var pending: ArraySlice<OutboundMethod>

    init(topology: Topology, opening: [OutboundMethod]) {
        let steps =
            topology.exchanges.map(OutboundMethod.exchangeDeclare)
            + topology.queues.map(OutboundMethod.queueDeclare)
            + topology.exchangeBindings.map(OutboundMethod.exchangeBind)
            + topology.bindings.map(OutboundMethod.queueBind)
            + topology.removedBindings.map(OutboundMethod.queueUnbind)
            + topology.removedExchanges.map(OutboundMethod.exchangeDelete) + opening
        pending = steps[...]
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

    /// What was refused, for the log line.
    var subject: String {
        switch current {
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
