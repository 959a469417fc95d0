import Database
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

    /// Opens the database with the order service's tables.
    ///
    /// - Throws: `StartError` that names the file and says what is wrong with it.
    static func open(_ location: DatabaseLocation) throws(StartError) -> Database {
        do throws(DatabaseError) {
            return try Database.open(location, migrations: OrderSchema.migrations)
        } catch {
            throw StartError(.settings, "database.url: \(location) cannot be used: \(error)")
        }
    }
}
