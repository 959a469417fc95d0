/// Exchanges, queues and bindings as one value: composed, validated, printed, applied, compared.
///
/// Declared in this order: exchanges, queues, bindings. A dead-letter target comes before the queue that names it,
/// since a broker that misses the target tries again only minutes later.
public struct Topology: Hashable, Sendable {
    /// Declared first.
    public private(set) var exchanges: [ExchangeDeclaration]
    /// Declared second.
    public private(set) var queues: [QueueDeclaration]
    /// Declared last.
    public private(set) var bindings: [Binding]

    /// Creates a topology; equal declarations are kept once.
    public init(
        exchanges: [ExchangeDeclaration] = [],
        queues: [QueueDeclaration] = [],
        bindings: [Binding] = []
    ) {
        self.exchanges = []
        self.queues = []
        self.bindings = []
        for exchange in exchanges where !self.exchanges.contains(exchange) { self.exchanges.append(exchange) }
        for queue in queues where !self.queues.contains(queue) { self.queues.append(queue) }
        for binding in bindings where !self.bindings.contains(binding) { self.bindings.append(binding) }
    }

    /// Both together.
    public static func + (left: Topology, right: Topology) -> Topology {
        Topology(
            exchanges: left.exchanges + right.exchanges,
            queues: left.queues + right.queues,
            bindings: left.bindings + right.bindings
        )
    }
}

extension Topology: CustomStringConvertible {
    /// One declaration a line, as `orderctl topology show` prints it.
    public var description: String {
        let lines =
            exchanges.map {
                "exchange \($0.name) \($0.kind.rawValue) \($0.lifetime.rawValue)\(Self.text($0.arguments))"
            }
            + queues.map { "queue    \($0.name) \($0.lifetime.rawValue)\(Self.text($0.arguments))" }
            + bindings.map { binding in
                let key = binding.routingKey.isEmpty ? "" : " [\(binding.routingKey)]"
                return "binding  \(binding.exchange) -> \(binding.queue)\(key)\(Self.text(binding.arguments))"
            }
        return lines.joined(separator: "\n")
    }

    private static func text(_ arguments: FieldTable) -> String {
        arguments.entries.map { " \($0.name)=\($0.value)" }.joined()
    }
}
