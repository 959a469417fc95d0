public import Database
import FoundationEssentials
public import WorkQueue

/// The journal of suspects in the service's own database, shared by all instances.
///
/// Empty but while a suspect is handled, or waits for another attempt after it ended its worker.
public struct DatabaseJournal: HandlingJournal {
    /// Makes the table; part of every ``WorkerProgram``'s schema.
    public static let migration = Migration(
        "suspect-journal-1",
        sql: """
            CREATE TABLE suspect_journal (
                service TEXT NOT NULL,
                event_id TEXT NOT NULL,
                begun BIGINT NOT NULL,
                begun_at BIGINT NOT NULL,
                PRIMARY KEY (service, event_id)
            ) WITHOUT ROWID
            """
    )

    /// How long a beginning without an end is evidence: longer than any ladder, which has 20 delays of a day at most.
    private static let retention: Int64 = 30 * 24 * 3_600

    private let database: Database
    private let service: String

    /// Creates the journal of one service.
    ///
    /// - Parameters:
    ///   - database: Opened with ``migration``.
    ///   - service: Whose events these are.
    public init(_ database: Database, service: String) {
        self.database = database
        self.service = service
    }

    /// How often handling of the event began without coming to an end.
    ///
    /// - Parameter eventID: The event.
    /// - Returns: 0 for an event that is not written down.
    /// - Throws: `DatabaseError`.
    public func unfinished(_ eventID: String) async throws -> Int {
        try await database.read { [service] transaction in
            let row = try transaction.queryOne(
                "SELECT begun FROM suspect_journal WHERE service = $1 AND event_id = $2",
                [.text(service), .text(eventID)]
            )
            return try row.map { Int(clamping: try $0.integer("begun")) } ?? 0
        }
    }

    /// Handling begins; what began a month ago is forgotten.
    ///
    /// - Parameter eventID: The event.
    /// - Throws: `DatabaseError`: nothing was written, or that is unknown.
    public func began(_ eventID: String) async throws {
        let now = Int64(Date.now.timeIntervalSince1970)
        try await database.write { [service] transaction in
            try transaction.execute(
                "DELETE FROM suspect_journal WHERE begun_at < $1",
                [.integer(now - Self.retention)]
            )
            try transaction.execute(
                """
                INSERT INTO suspect_journal (service, event_id, begun, begun_at) VALUES ($1, $2, 1, $3)
                ON CONFLICT (service, event_id) DO UPDATE SET begun = suspect_journal.begun + 1, begun_at = $3
                """,
                [.text(service), .text(eventID), .integer(now)]
            )
        }
    }

    /// Handling has come to an end; forgets the event.
    ///
    /// - Parameter eventID: The event.
    /// - Throws: `DatabaseError`.
    public func finished(_ eventID: String) async throws {
        _ = try await database.write { [service] transaction in
            try transaction.execute(
                "DELETE FROM suspect_journal WHERE service = $1 AND event_id = $2",
                [.text(service), .text(eventID)]
            )
        }
    }
}
