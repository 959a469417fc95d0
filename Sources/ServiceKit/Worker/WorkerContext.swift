public import Database
public import Logging
public import WorkQueue

/// What a worker's handlers are made from.
public struct WorkerContext: Sendable {
    /// The service's own database, migrated.
    public let database: Database
    /// For handlers that write to ``database``: makes them wait while it takes nothing.
    public let storage: StorageGuard
    /// Labelled with the program's name.
    public let logger: Logger
    /// Where handlers count.
    public let metrics: PrometheusRegistry
    /// For checks beyond `broker` and `database`.
    public let health: HealthRegistry

    /// For telling other services what happened here.
    public let events: EventPublisher
    /// For calls beyond `/health/*` and `/metrics`; add them before the handlers are returned.
    public let pages: AdminPages

    init(
        _ context: ProgramContext,
        database: Database,
        storage: StorageGuard,
        events: EventPublisher,
        pages: AdminPages
    ) {
        self.database = database
        self.storage = storage
        self.events = events
        self.pages = pages
        logger = context.logger
        metrics = context.metrics
        health = context.health
    }
}
