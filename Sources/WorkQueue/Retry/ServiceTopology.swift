public import RabbitMQ

extension Topology {
    /// The exchange that all events go to.
    public static func events(exchange: String) -> Topology {
        Topology(exchanges: [ExchangeDeclaration(exchange, kind: .fanout)])
    }

    /// The exchange that all services tell what became of events; whoever wants to know binds a queue of its own.
    public static func outcomes(exchange: String) -> Topology {
        Topology(exchanges: [ExchangeDeclaration(exchange, kind: .fanout)])
    }

    /// Everything that one service needs: its queue, bound to the events, its retry ladder and its dead letters.
    ///
    ///     events ──▶ service ◀───────────────── (time to live over)
    ///                   │                              │
    ///                   └─▶ service.failures ──▶ service.retry.5s …
    ///                                        └─▶ service.dead
    ///
    /// Every argument is stated, none left to a default that differs between RabbitMQ 3.10 and 4. The binding to the
    /// events comes last: no event arrives before there is a place for its failure.
    /// - SeeAlso: RabbitMQ guides *Quorum Queues* (delivery limit, at-least-once dead lettering) and *TTL*.
    public static func service(_ service: String, of exchange: String, retry: RetryPolicy) -> Topology {
        let names = ServiceNames(service)
        let tiers = retry.delays.reduce(into: [Duration]()) { if !$0.contains($1) { $0.append($1) } }
        // Without a tier, what must be handled later goes to the end of the queue.
        let again =
            tiers.isEmpty
            ? [Binding(exchange: names.failures, queue: names.queue, routingKey: names.requeueKey)] : []
        let failurePaths =
            [Binding(exchange: names.failures, queue: names.deadLetters, routingKey: names.deadKey)]
            + tiers.map {
                Binding(exchange: names.failures, queue: names.tier($0), routingKey: names.tierKey($0))
            }
        return Topology(
            exchanges: [
                ExchangeDeclaration(exchange, kind: .fanout),
                ExchangeDeclaration(names.failures, kind: .direct),
            ],
            queues: [deadLetters(names), queue(names)] + tiers.map { tier(names, $0) },
            bindings: failurePaths + again + [Binding(exchange: exchange, queue: names.queue)]
        )
    }

    /// How often a message may come back from a dead or retry queue that somebody looks into: as good as unlimited.
    ///
    /// RabbitMQ 4 drops a message for good after 20 returns where nothing is said, and 3.10 knows no `-1`.
    private static let unlimited: FieldValue = 2_000_000_000

    private static func queue(_ names: ServiceNames) -> QueueDeclaration {
        QueueDeclaration(
            names.queue,
            arguments: [
                "x-queue-type": "quorum",
                "x-delivery-limit": 20,
                "x-dead-letter-exchange": .string(names.failures),
                "x-dead-letter-routing-key": .string(names.deadKey),
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            ]
        )
    }

    private static func tier(_ names: ServiceNames, _ delay: Duration) -> QueueDeclaration {
        QueueDeclaration(
            names.tier(delay),
            arguments: [
                "x-queue-type": "quorum",
                "x-message-ttl": .int64(DelayText.milliseconds(of: delay)),
                // The default exchange leads to the one queue of that name, never to another service's.
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": .string(names.queue),
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
                "x-delivery-limit": unlimited,
            ]
        )
    }

    private static func deadLetters(_ names: ServiceNames) -> QueueDeclaration {
        QueueDeclaration(
            names.deadLetters,
            arguments: ["x-queue-type": "quorum", "x-delivery-limit": unlimited]
        )
    }
}
