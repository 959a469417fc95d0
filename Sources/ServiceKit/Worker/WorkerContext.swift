public import Database
public import Logging
public import WorkQueue

/// What a worker's handlers are made from.
public struct WorkerContext: Sendable {
    /// The service's own database, migrated.
    public let database: Database
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

    init(_ context: ProgramContext, database: Database, events: EventPublisher, pages: AdminPages) {
        self.database = database
        self.events = events
        self.pages = pages
        logger = context.logger
        metrics = context.metrics
        health = context.health
    }
}
