import Dispatch
import FoundationEssentials
import GRDB

/// SQLite through GRDB: one writing connection, four reading ones, each on a queue of its own.
///
/// Write-ahead log with `synchronous=FULL`, so that a commit that returned survives a power cut.
final class SQLiteEngine: StorageEngine {
    /// How long a lock held by another process is waited for while the file is opened and migrated.
    private static let busyTimeoutSeconds = 5.0
    private static let readerCount = 4

    private let pool: DatabasePool
    private let group = GroupCommit()

    init(path: String, migrations: [Migration], lockPatience: Duration) throws(DatabaseError) {
        try Self.createDirectory(of: path)
        pool = try Self.retryingWhileBusy { () throws(DatabaseError) in
            try Self.openPool(path: path)
        }
        try SQLiteMigrator(pool: pool).apply(migrations)
        try Self.limitWaiting(lockPatience, in: pool)
    }

    var commitCount: Int { group.commitCount }

    func enqueue(_ work: any PendingWork) {
        guard group.accept(work) else { return }
        pool.asyncWriteWithoutTransaction { [group] connection in
            group.drain(on: connection)
        }
    }

    func read(_ body: @escaping @Sendable (Result<Transaction, DatabaseError>) -> Void) {
        pool.asyncRead { result in
            body(
                result
                    .map { Transaction(on: SQLiteSession(connection: $0)) }
                    .mapError { DatabaseError(translating: $0, during: .begin) }
            )
        }
    }

    func close() {
        guard group.close() else { return }
        // The readers close last and cannot fold the log into the file, so the writer does before.
        pool.asyncWriteWithoutTransaction { _ = try? $0.checkpoint() }
        // Waits for the queues, hence for every group accepted before. An error means closed already.
        try? pool.close()
    }

    private static func openPool(path: String) throws(DatabaseError) -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "database"
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.maximumReaderCount = readerCount
        configuration.prepareDatabase { connection in
            // Savepoints journal into memory; nothing temporary needs a disk.
            try connection.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // After opening, because GRDB sets NORMAL as it turns the write-ahead log on, and NORMAL may lose the
            // last commits in a power cut.
            try pool.writeWithoutTransaction { connection in
                try connection.execute(sql: "PRAGMA synchronous = FULL")
                // Pages, 16 MB: what every commit touches is copied once for four times, and fewer wait for a copy.
                try connection.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
            }
            return pool
        } catch {
            throw DatabaseError(translating: error, during: .open)
        }
    }

    private static func limitWaiting(_ patience: Duration, in pool: DatabasePool) throws(DatabaseError) {
        let milliseconds = max(1, Int(patience / .milliseconds(1)))
        do {
            try pool.writeWithoutTransaction { connection in
                try connection.execute(sql: "PRAGMA busy_timeout = \(milliseconds)")
            }
        } catch {
            throw DatabaseError(translating: error, during: .open)
        }
    }

    private static func createDirectory(of path: String) throws(DatabaseError) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: String(path[..<slash]),
                withIntermediateDirectories: true
            )
        } catch {
            throw DatabaseError(.unavailable, during: .open, "the directory of \(path) cannot be made")
        }
    }

    /// Turning a new file's write-ahead log on may be refused at once while another process does the same.
    ///
    /// SQLite then does not call its busy handler, so the waiting is done here.
    private static func retryingWhileBusy(
        _ open: () throws(DatabaseError) -> DatabasePool
    ) throws(DatabaseError) -> DatabasePool {
        let pause = 0.05
        for _ in 0..<Int(busyTimeoutSeconds / pause) {
            do throws(DatabaseError) {
                return try open()
            } catch {
                guard error.kind == .busy else { throw error }
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + pause)
            }
        }
        return try open()
    }
}
