public import Database
public import OrderEvents
public import WorkQueue

extension WorkerProgram where Settings == Void {
    /// Describes a whole worker: its tables, and what one type of event does to them.
    ///
    /// For a service without settings of its own that handles one type of event in one transaction, as
    /// ``TransactionalHandler`` does. A service of several types, or one that talks to other servers, takes
    /// ``init(service:exchange:summary:migrations:settings:handlers:)``.
    ///
    /// - Parameters:
    ///   - service: Names the queue, the default database and, with `-worker` after it, the executable.
    ///   - exchange: Where the events come from.
    ///   - summary: What the worker does, for `--help`.
    ///   - migrations: The service's tables.
    ///   - body: Decides about one event and writes its effect, and does nothing else: it counts once an event, but may run
    ///     more often.
    public init<Event: EventPayload>(
        service: String,
        exchange: String = OrderEvents.exchangeName,
        summary: String,
        migrations: [Migration],
        handling body: @escaping @Sendable (Event, Transaction) throws -> Verdict
    ) {
        self.init(
            service: service,
            exchange: exchange,
            summary: summary,
            migrations: migrations,
            settings: { _ in },
            handlers: { _, context in
                [
                    TransactionalHandler(
                        context.database,
                        service: service,
                        storage: context.storage
                    ) { event, transaction, _ in
                        try body(event, transaction)
                    }
                ]
            }
        )
    }
}
