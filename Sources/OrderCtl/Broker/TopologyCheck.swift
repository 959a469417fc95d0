import RabbitMQ

/// Compares what a broker has with what it should have.
///
/// Pure. What the broker has beside that is nobody's business, but for arguments of the objects compared.
struct TopologyCheck {
    /// One thing that is not as it should be.
    struct Difference: Codable, Equatable {
        /// Whose: `queue inventory`, for example.
        var object: String
        /// What differs: `argument x-delivery-limit`, for example, or `existence`.
        var what: String
        var expected: String
        var found: String
        /// What to do about it; nil where nothing simple helps.
        var mend: String?
    }

    let expected: Topology
    let found: BrokerObjects

    var differences: [Difference] {
        expected.exchanges.flatMap(differences) + expected.queues.flatMap(differences)
            + expected.exchangeBindings.compactMap(difference) + expected.bindings.flatMap(differences)
    }

    private func differences(of exchange: ExchangeDeclaration) -> [Difference] {
        let object = "exchange \(exchange.name)"
        guard let found = found.exchanges.first(where: { $0.name == exchange.name }) else {
            return [Self.missing(object)]
        }
        var differences: [Difference] = []
        if found.type != exchange.kind.rawValue {
            differences.append(
                Difference(object: object, what: "type", expected: exchange.kind.rawValue, found: found.type)
            )
        }
        return differences + lifetime(object, exchange.lifetime, isDurable: found.durable)
            + arguments(object, exchange.arguments, found.arguments)
    }

    private func differences(of queue: QueueDeclaration) -> [Difference] {
        let object = "queue \(queue.name)"
        guard let found = found.queues.first(where: { $0.name == queue.name }) else {
            return [Self.missing(object)]
        }
        return lifetime(object, queue.lifetime, isDurable: found.durable)
            + arguments(object, queue.arguments, found.arguments)
    }

    func lifetime(_ object: String, _ expected: Lifetime, isDurable: Bool) -> [Difference] {
        let found = isDurable ? Lifetime.durable : .transient
        guard found != expected else { return [] }
        return [
            Difference(object: object, what: "lifetime", expected: expected.rawValue, found: found.rawValue)
        ]
    }

    private func arguments(
        _ object: String,
        _ expected: FieldTable,
        _ found: [String: ArgumentValue]
    ) -> [Difference] {
        let wanted = Self.values(expected)
        return Set(wanted.keys).union(found.keys).sorted().filter { wanted[$0] != found[$0] }
            .map { name in
                Difference(
                    object: object,
                    what: "argument \(name)",
                    expected: wanted[name]?.description ?? "absent",
                    found: found[name]?.description ?? "absent"
                )
            }
    }

    static func values(_ table: FieldTable) -> [String: ArgumentValue] {
        Dictionary(table.entries.map { ($0.name, ArgumentValue($0.value)) }) { first, _ in first }
    }

    static func missing(
        _ object: String,
        mend: String = "`orderctl topology apply` declares it"
    ) -> Difference {
        Difference(object: object, what: "existence", expected: "present", found: "absent", mend: mend)
    }
}
