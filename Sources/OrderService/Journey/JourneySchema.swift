import Database
import OrderEvents
import WorkQueue

/// The journey's table.
///
/// Clustered by order: identifiers of orders rise with time, so new entries go near the end, an order's entries are one
/// read, and pruning by the age of orders is a range.
enum JourneySchema {
    static let migrations = [
        Migration(
            "journey-1",
            sql: """
                CREATE TABLE journey (
                    order_id TEXT NOT NULL,
                    service TEXT NOT NULL,
                    event_id TEXT NOT NULL,
                    attempt BIGINT NOT NULL,
                    state TEXT NOT NULL,
                    number BIGINT NOT NULL,
                    event_type TEXT NOT NULL,
                    at_ms BIGINT NOT NULL,
                    next_ms BIGINT,
                    detail TEXT,
                    PRIMARY KEY (order_id, service, event_id, attempt, state)
                ) WITHOUT ROWID;
                """
        )
    ]

    /// The usual case in one statement: the first decision of a service about an event of an order of ours.
    ///
    /// No row where any of that is otherwise; then the statements below tell what is.
    static let insertFirst = """
        INSERT INTO journey
            (order_id, service, event_id, attempt, state, number, event_type, at_ms, next_ms, detail)
        SELECT $1, $2, $3, $4, $5, (SELECT COALESCE(MAX(number), 0) + 1 FROM journey WHERE order_id = $1),
            $6, $7, $8, $9
        FROM orders WHERE id = $1 AND NOT EXISTS (
            SELECT 1 FROM journey WHERE order_id = $1 AND service = $2 AND event_id = $3
        )
        """
    static let isOrder = "SELECT 1 AS known FROM orders WHERE id = $1"
    /// An outcome that came about again, as after a replay, counts with its latest time; one that is only
    /// told again changes nothing.
    ///
    /// What a service has decided is not inserted twice: see ``settled``.
    static let insert = """
        INSERT INTO journey
            (order_id, service, event_id, attempt, state, number, event_type, at_ms, next_ms, detail)
        SELECT $1, $2, $3, $4, $5, COALESCE(MAX(number), 0) + 1, $6, $7, $8, $9
        FROM journey WHERE order_id = $1
        ON CONFLICT (order_id, service, event_id, attempt, state) DO UPDATE SET
            number = excluded.number, at_ms = excluded.at_ms, next_ms = excluded.next_ms,
            detail = excluded.detail
        WHERE excluded.at_ms > journey.at_ms
        """
    /// What a service has decided about an event, latest first, and when it last came to no decision.
    static let settled = """
        SELECT attempt, state, at_ms, detail, (
            SELECT MAX(at_ms) FROM journey
            WHERE order_id = $1 AND service = $2 AND event_id = $3 AND state IN ('retrying', 'dead-lettered')
        ) AS unsettled_ms
        FROM journey
        WHERE order_id = $1 AND service = $2 AND event_id = $3 AND state IN ('done', 'rejected')
        ORDER BY at_ms DESC, attempt DESC
        """
    static let renew = """
        UPDATE journey SET at_ms = $6, detail = $7,
            number = (SELECT MAX(number) + 1 FROM journey WHERE order_id = $1)
        WHERE order_id = $1 AND service = $2 AND event_id = $3 AND attempt = $4 AND state = $5
        """
    /// Leaves out the states of later versions.
    static let ofOrder = """
        SELECT order_id, number, service, event_id, event_type, state, attempt, at_ms, next_ms, detail
        FROM journey WHERE order_id = $1 AND number > $2 AND state IN (\(knownStates))
        ORDER BY number LIMIT $3
        """
    private static let knownStates = Outcome.State.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    static let prune = """
        DELETE FROM journey WHERE (order_id, service, event_id, attempt, state) IN (
            SELECT order_id, service, event_id, attempt, state FROM journey
            WHERE order_id < $1 ORDER BY order_id LIMIT $2
        )
        """
}

extension JourneyEntry {
    /// Nil where the state is none that this version knows.
    init?(row: Row) throws(DatabaseError) {
        guard let state = Outcome.State(rawValue: try row.text("state")) else { return nil }
        self.init(
            orderID: try row.text("order_id"),
            number: try row.integer("number"),
            service: try row.text("service"),
            eventID: try row.text("event_id"),
            eventType: try row.text("event_type"),
            state: state,
            attempt: Int(try row.integer("attempt")),
            at: Timestamp(milliseconds: try row.integer("at_ms")),
            nextAt: try row.integerIfPresent("next_ms").map { Timestamp(milliseconds: $0) },
            detail: try row.textIfPresent("detail")
        )
    }
}
