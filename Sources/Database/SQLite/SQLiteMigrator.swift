import GRDB

/// Brings a file's schema up to date, in one transaction.
struct SQLiteMigrator {
    let pool: DatabasePool

    /// Runs the steps this file has not seen, in order, all or none.
    func apply(_ migrations: [Migration]) throws(DatabaseError) {
        do {
            try pool.writeWithoutTransaction { connection in
                // IMMEDIATE: of several processes that start together one migrates and the others wait.
                try connection.inTransaction(.immediate) {
                    try apply(migrations, on: connection)
                    return .commit
                }
            }
        } catch {
            throw DatabaseError(translating: error, during: .migrate)
        }
    }

    private func apply(_ migrations: [Migration], on connection: GRDB.Database) throws {
        try connection.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    name TEXT PRIMARY KEY,
                    applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
                ) WITHOUT ROWID
                """
        )
        let seen = try Set(String.fetchAll(connection, sql: "SELECT name FROM schema_migrations"))
        for migration in migrations where !seen.contains(migration.name) {
            try connection.execute(sql: migration.sql)
            try connection.execute(
                sql: "INSERT INTO schema_migrations (name) VALUES (?)",
                arguments: [migration.name]
            )
        }
    }
}
