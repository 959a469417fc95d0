public import EventFilter
public import RabbitMQ

extension Topology {
    /// A way to a queue that only messages with these headers take, so that the others never travel.
    ///
    ///     exchange ──▶ queue.filter (headers) ──▶ queue
    ///
    /// Declares the fanout exchange of the events, the headers exchange `<queue>.filter`, and the bindings; the queue
    /// itself is declared by the topology that this one is added to. Bindings with other headers that an earlier
    /// version left stay: what they let through must not harm.
    /// - Parameters:
    ///   - queue: The queue.
    ///   - exchange: Where the events come from.
    ///   - headers: All of them must be there and be equal, wire type included; a name that begins with `x-` is not
    ///     looked at by the broker.
    /// - Returns: A topology to add to the one with the queue.
    /// - SeeAlso: RabbitMQ guides *Publishers*, section *Exchange types* (headers), and *Exchange to Exchange Bindings*.
    public static func filteredBinding(
        queue: String,
        exchange: String,
        headers: FieldTable
    ) -> Topology {
        let filter = ServiceNames(queue).filter
        return Topology(
            exchanges: [
                ExchangeDeclaration(exchange, kind: .fanout), ExchangeDeclaration(filter, kind: .headers),
            ],
            exchangeBindings: [ExchangeBinding(source: exchange, destination: filter)],
            bindings: [
                Binding(
                    exchange: filter,
                    queue: queue,
                    arguments: (["x-match": "all"] as FieldTable).merging(headers)
                )
            ]
        )
    }

    /// Everything that one service needs, with the way to its queue that its settings ask for.
    ///
    /// With a filter, the queue is bound through `<service>.filter`, and only then unbound from the events; without one,
    /// it is bound to the events directly, and only then `<service>.filter` is deleted. So no event is lost when a
    /// service is switched: what is published meanwhile arrives once, at worst unfiltered.
    ///
    /// All instances of a service must agree: each, whenever it connects, opens the way that it was told and closes the
    /// other's, and the last one decides. An old instance that reconnects during a rolling change so undoes it, one to
    /// which nothing comes opens its own way again, and a new one that stays connected does not notice: restart one when
    /// the last old one is gone.
    /// - Parameters:
    ///   - service: The service, whose name its queue has.
    ///   - exchange: Where the events come from.
    ///   - retry: Which tiers there are.
    ///   - filter: What the broker lets through; nil for everything.
    /// - Returns: The topology, with what is over.
    public static func service(
        _ service: String,
        of exchange: String,
        retry: RetryPolicy,
        filter: BrokerFilter?
    ) -> Topology {
        let names = ServiceNames(service)
        let whole = Topology.service(service, of: exchange, retry: retry)
        guard let filter else {
            return whole + Topology(removedExchanges: [names.filter])
        }
        let direct = Binding(exchange: exchange, queue: names.queue)
        return Topology(
            exchanges: whole.exchanges,
            queues: whole.queues,
            bindings: whole.bindings.filter { $0 != direct },
            removedBindings: [direct]
        ) + .filteredBinding(queue: names.queue, exchange: exchange, headers: FieldTable(filter))
    }
}

extension FieldTable {
    /// The headers that the broker compares.
    init(_ filter: BrokerFilter) {
        self.init(
            filter.conditions.map { condition in
                switch condition.value {
                case .text(let text): Entry(name: condition.header, value: .string(text))
                case .flag(let flag): Entry(name: condition.header, value: .bool(flag))
                }
            }
        )
    }
}
