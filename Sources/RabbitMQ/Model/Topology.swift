/// Exchanges, queues and bindings as one value: composed, validated, printed, applied, compared.
///
/// Declared in this order: exchanges, queues, bindings among exchanges, bindings of queues; then what is over is removed.
/// A dead-letter target comes before the queue that names it, since a broker that misses the target tries again only
/// minutes later. A new way to a queue is open before an old one is closed, and no message is lost in between.
public struct Topology: Hashable, Sendable {
    /// Declared first.
    public private(set) var exchanges: [ExchangeDeclaration]
    /// Declared second.
    public private(set) var queues: [QueueDeclaration]
    /// Declared third.
    public private(set) var exchangeBindings: [ExchangeBinding]
    /// Declared last.
    public private(set) var bindings: [Binding]
    /// Undone after everything is declared; one that is not there is undone already.
    ///
    /// Never holds one of ``bindings``.
    public private(set) var removedBindings: [Binding]
    /// Deleted at the very end, with every binding from and to them; one that is not there is deleted already.
    ///
    /// Never holds the name of one of ``exchanges``.
    public private(set) var removedExchanges: [String]

    /// Creates a topology; equal declarations are kept once, and what is declared is not removed.
    public init(
        exchanges: [ExchangeDeclaration] = [],
        queues: [QueueDeclaration] = [],
        exchangeBindings: [ExchangeBinding] = [],
        bindings: [Binding] = [],
        removedBindings: [Binding] = [],
        removedExchanges: [String] = []
    ) {
        let declared = Set(exchanges.map(\.name))
        self.exchanges = Self.once(exchanges)
        self.queues = Self.once(queues)
        self.exchangeBindings = Self.once(exchangeBindings)
        self.bindings = Self.once(bindings)
        self.removedBindings = Self.once(removedBindings.filter { !bindings.contains($0) })
        self.removedExchanges = Self.once(removedExchanges.filter { !declared.contains($0) })
    }

    private static func once<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }

    /// Both together; what one declares is not removed by the other.
    public static func + (left: Topology, right: Topology) -> Topology {
        Topology(
            exchanges: left.exchanges + right.exchanges,
            queues: left.queues + right.queues,
            exchangeBindings: left.exchangeBindings + right.exchangeBindings,
            bindings: left.bindings + right.bindings,
            removedBindings: left.removedBindings + right.removedBindings,
            removedExchanges: left.removedExchanges + right.removedExchanges
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
            + exchangeBindings.map { binding in
                let key = Self.text(key: binding.routingKey)
                let arguments = Self.text(binding.arguments)
                return "binding  \(binding.source) -> exchange \(binding.destination)\(key)\(arguments)"
            }
            + bindings.map { "binding  \(Self.text($0))" }
            + removedBindings.map { "removed  binding \(Self.text($0))" }
            + removedExchanges.map { "removed  exchange \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func text(_ binding: Binding) -> String {
        "\(binding.exchange) -> \(binding.queue)\(text(key: binding.routingKey))\(text(binding.arguments))"
    }

    private static func text(key: String) -> String {
        key.isEmpty ? "" : " [\(key)]"
    }

    private static func text(_ arguments: FieldTable) -> String {
        arguments.entries.map { " \($0.name)=\($0.value)" }.joined()
    }
}
