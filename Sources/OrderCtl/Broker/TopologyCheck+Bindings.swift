import RabbitMQ
import WorkQueue

extension TopologyCheck {
    func difference(of binding: ExchangeBinding) -> Difference? {
        let isThere = found.bindings.contains {
            $0.leads(from: binding.source, to: binding.destination, of: .exchange)
                && $0.key == binding.routingKey && $0.arguments == Self.values(binding.arguments)
        }
        return isThere
            ? nil : Self.missing("binding of exchange \(binding.destination) to \(binding.source)")
    }

    /// A queue may take its events through `<service>.filter` instead, where its workers have a broker filter.
    func differences(of binding: Binding) -> [Difference] {
        let isDirect = found.bindings.contains {
            $0.leads(from: binding.exchange, to: binding.queue, of: .queue)
                && $0.key == binding.routingKey && $0.arguments == Self.values(binding.arguments)
        }
        if mayBeFiltered(binding) {
            return differences(ofWayTo: binding.queue, from: binding.exchange, isDirect)
        }
        let key = binding.routingKey.isEmpty ? "" : " with key \(binding.routingKey)"
        return isDirect ? [] : [Self.missing("binding of \(binding.queue) to \(binding.exchange)\(key)")]
    }

    /// The events' own exchange is a fanout; and nobody else has a filter exchange of this name declared.
    private func mayBeFiltered(_ binding: Binding) -> Bool {
        binding.routingKey.isEmpty && binding.arguments.isEmpty
            && expected.exchanges.contains { $0.name == binding.exchange && $0.kind == .fanout }
            && !expected.exchanges.contains { $0.name == ServiceNames(binding.queue).filter }
    }

    private func differences(ofWayTo queue: String, from exchange: String, _ isDirect: Bool) -> [Difference] {
        let filter = ServiceNames(queue).filter
        let direct = "binding of \(queue) to \(exchange)"
        guard let filterExchange = found.exchanges.first(where: { $0.name == filter }) else {
            return isDirect ? [] : [Self.missing(direct)]
        }
        let ways = found.bindings.filter { $0.leads(from: filter, to: queue, of: .queue) }
        let restart = "restart a worker of \(queue): its worker.broker-filter decides which way stays"
        if isDirect {
            return [
                Difference(
                    object: ways.isEmpty ? "exchange \(filter)" : direct,
                    what: "stale",
                    expected: ways.isEmpty
                        ? "absent: \(queue) is bound to \(exchange)" : "absent: \(filter) is used",
                    found: "present",
                    mend: restart
                )
            ]
        }
        var differences = kindDifferences(of: filterExchange)
        if !found.bindings.contains(where: { $0.leads(from: exchange, to: filter, of: .exchange) }) {
            differences.append(Self.missing("binding of exchange \(filter) to \(exchange)", mend: restart))
        }
        if ways.isEmpty {
            differences.append(Self.missing("binding of \(queue) to \(filter)", mend: restart))
        }
        return differences + ways.flatMap { modeDifferences(of: $0) } + staleWays(ways)
    }

    private func kindDifferences(of exchange: BrokerObjects.Exchange) -> [Difference] {
        let object = "exchange \(exchange.name)"
        guard exchange.type == "headers" else {
            return [
                Difference(
                    object: object,
                    what: "type",
                    expected: "headers",
                    found: exchange.type,
                    mend: "delete it after `orderctl topology apply`, then restart the workers"
                )
            ]
        }
        return lifetime(object, .durable, isDurable: exchange.durable)
    }

    private func modeDifferences(of way: BrokerObjects.Binding) -> [Difference] {
        let mode = way.arguments["x-match"]
        guard mode != .text("all") else { return [] }
        return [
            Difference(
                object: "binding of \(way.destination) to \(way.source)",
                what: "argument x-match",
                expected: ArgumentValue.text("all").description,
                found: mode?.description ?? "absent",
                mend: Self.afresh
            )
        ]
    }

    /// More than one binding: all but one are from filters that no worker has any more.
    private func staleWays(_ ways: [BrokerObjects.Binding]) -> [Difference] {
        guard ways.count > 1 else { return [] }
        return [
            Difference(
                object: "binding of \(ways[0].destination) to \(ways[0].source)",
                what: "stale",
                expected: "1 set of headers",
                found: ways.map(\.headers).sorted().joined(separator: "; "),
                mend: Self.afresh
            )
        ]
    }

    private static let afresh =
        "start a worker once without worker.broker-filter, which removes it, then with it again"
}

extension BrokerObjects.Binding {
    enum Destination: String {
        case queue
        case exchange
    }

    func leads(from source: String, to destination: String, of kind: Destination) -> Bool {
        self.source == source && self.destination == destination && destinationKind == kind.rawValue
    }

    /// What it compares.
    fileprivate var headers: String {
        arguments.filter { $0.key != "x-match" }.map { "\($0.key)=\($0.value)" }.sorted()
            .joined(separator: " ")
    }
}
