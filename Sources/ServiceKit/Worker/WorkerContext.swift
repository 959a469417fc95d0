public import Database
public import Logging

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

    init(_ context: ProgramContext, database: Database) {
        self.database = database
        logger = context.logger
        metrics = context.metrics
        health = context.health
    }
}
