import Database
import Logging
import ServiceKit
import ServiceLifecycle

/// Keeps the database open for as long as anybody may use it.
///
/// `run()` ends on graceful shutdown, after every accepted write was answered.
struct OrderServiceStorage: Service {
    let database: Database

    func run() async throws {
        try? await gracefulShutdown()
        database.close()
    }

    /// How long an order waits for a lock of another process; a customer waits behind it.
    static let lockPatience = Duration.seconds(2)

    /// Opens the database with the order service's tables.
    ///
    /// - Throws: `StartError` that names the file and says what is wrong with it.
    static func open(_ location: DatabaseLocation, logger: Logger) async throws -> Database {
        try await Database.openPatiently(
            location,
            migrations: OrderSchema.migrations,
            lockPatience: lockPatience,
            logger: logger
        )
    }
}
