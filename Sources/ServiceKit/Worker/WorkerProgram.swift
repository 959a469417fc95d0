public import Database
import RabbitMQ
import ServiceLifecycle
public import WorkQueue

/// The frame of a worker: everything but its settings, its tables and its handlers.
///
/// Opens the service's database, handles the events of the service's queue, and answers operators. Starts whether or
/// not the broker is there, and waits for it; `/health/ready` tells.
public struct WorkerProgram<Settings: Sendable>: Sendable {
    /// Turns the checklist into the service's own settings; problems are noted, not thrown.
    public typealias Reading = @Sendable (inout SettingsChecklist) -> Settings
    /// Makes the handlers; may throw an ``ExplainedError`` to refuse the start.
    public typealias Assembly = @Sendable (Settings, WorkerContext) async throws -> [any EventHandler]

    private let service: String
    private let exchange: String
    private let summary: String
    private let migrations: [Migration]
    private let read: Reading
    private let assemble: Assembly

    /// Describes a worker; nothing runs yet.
    ///
    /// - Parameters:
    ///   - service: Names the queue, the default database and, with `-worker` after it, the executable.
    ///   - exchange: Where the events come from.
    ///   - summary: What the worker does, for `--help`.
    ///   - migrations: The service's tables; that of ``TransactionalHandler`` comes with the frame.
    ///   - settings: Reads the service's own settings.
    ///   - handlers: Makes the handlers, one for each type of event.
    public init(
        service: String,
        exchange: String,
        summary: String,
        migrations: [Migration],
        settings: @escaping Reading,
        handlers: @escaping Assembly
    ) {
        self.service = service
        self.exchange = exchange
        self.summary = summary
        self.migrations = migrations
        read = settings
        assemble = handlers
    }

    /// Runs until SIGTERM, SIGINT or a fault, then ends the process; see ``Program/main()``.
    ///
    /// On a signal, events in hand are finished within `worker.drain`; 15 s later at the latest the process ends.
    public func main() async -> Never {
        await program.main()
    }

    /// All settings of a worker.
    struct AllSettings: Sendable {
        var broker: BrokerSettings
        var database: DatabaseLocation
        var worker: WorkerSettings
        var admin: AdminSettings
        var own: Settings
    }

    var program: Program<AllSettings> {
        let name = "\(service)-worker"
        return Program(
            name: name,
            summary: summary,
            settings: { [service, exchange, read] checklist in
                AllSettings(
                    broker: BrokerSettings(reading: &checklist, connectionName: name),
                    database: DatabaseLocation(reading: &checklist, service: service),
                    worker: WorkerSettings(reading: &checklist, exchange: exchange),
                    admin: AdminSettings(reading: &checklist),
                    own: read(&checklist)
                )
            },
            // Draining, then what Worker allows itself for closing, then a little.
            shutdownLimit: { $0.worker.drain + .seconds(15) },
            services: { [service, migrations, assemble] settings, context in
                let database = try await Database.openPatiently(
                    settings.database,
                    migrations: migrations + [EventReceipts.migration, DatabaseJournal.migration],
                    logger: context.logger
                )
                let storage = StorageGuard(logger: context.logger, metrics: context.metrics)
                let connections = WorkerConnections(
                    service: service,
                    settings: settings.worker,
                    broker: settings.broker,
                    logger: context.logger
                )
                let pages = AdminPages()
                let handlers = try await assemble(
                    settings.own,
                    WorkerContext(
                        context,
                        database: database,
                        storage: storage,
                        events: connections.events,
                        pages: pages
                    )
                )
                let worker = Worker(
                    connections,
                    handlers: handlers,
                    journal: DatabaseJournal(database, service: service)
                )
                context.health.register("broker") { worker.isReady ? .ok : .failing("\(worker.status)") }
                context.health.register("database") {
                    storage.health == .ok ? await database.health() : storage.health
                }
                let admin = AdminServer(
                    settings: settings.admin,
                    health: context.health,
                    metrics: context.metrics,
                    pages: pages,
                    logger: context.logger
                )
                return [ClosingDatabase(database: database), admin, worker]
            }
        )
    }
}

/// Closes the database after everything that uses it has stopped.
private struct ClosingDatabase: Service {
    let database: Database

    func run() async throws {
        // Cancelled where another service failed: closing is due then, too.
        try? await gracefulShutdown()
        database.close()
    }
}

extension Database {
    /// Whether the database answers; a reason without the file's content otherwise.
    ///
    /// - Returns: The result of reading one number.
    public func health() async -> HealthCheck {
        do {
            _ = try await read { try $0.queryOne("SELECT 1 AS one") }
            return .ok
        } catch {
            return .failing("\(error)")
        }
    }
}
