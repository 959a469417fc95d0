public import Database

/// The log's tables, in the order service's store.
///
/// Clustered by time, so that appending, pruning, and reading a time span each touch neighbouring pages, and so that the
/// one index is the subject's. Everything that arrives sorts near the end of both.
public enum EventLogSchema {
    /// The tables; the store that they are in has a table `outbox (order_id)` too.
    public static let migrations = [
        Migration(
            "event-log-1",
            sql: """
                CREATE TABLE events (
                    at_ms BIGINT NOT NULL,
                    id TEXT NOT NULL,
                    type TEXT NOT NULL,
                    version BIGINT NOT NULL,
                    source TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    traceparent TEXT,
                    body TEXT NOT NULL,
                    PRIMARY KEY (at_ms, id)
                ) WITHOUT ROWID;
                CREATE INDEX events_subject ON events (subject);
                CREATE TABLE event_replays (
                    service TEXT NOT NULL,
                    name TEXT NOT NULL,
                    begun_ms BIGINT NOT NULL,
                    since_ms BIGINT,
                    until_ms BIGINT NOT NULL,
                    type TEXT,
                    subject TEXT,
                    at_ms BIGINT NOT NULL,
                    id TEXT NOT NULL,
                    done BIGINT NOT NULL,
                    PRIMARY KEY (service, name)
                ) WITHOUT ROWID;
                """
        )
    ]

    /// True of an event that the broker has not confirmed yet: the outbox decides.
    ///
    /// What other services publish comes here from the broker, so it is published.
    static let isUnpublished = """
        (type = 'order.created' AND EXISTS (SELECT 1 FROM outbox WHERE outbox.order_id = events.subject))
        """

    static let append = """
        INSERT INTO events (at_ms, id, type, version, source, subject, traceparent, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
        """
    /// By the subject's index, which has the ids.
    static let isLogged = "SELECT 1 AS logged FROM events WHERE subject = $1 AND id = $2 LIMIT 1"
    static let columns = "at_ms, id, type, version, source, subject, traceparent, body"
    static let prune = """
        DELETE FROM events WHERE (at_ms, id) IN (
            SELECT at_ms, id FROM events WHERE at_ms < $1 AND NOT \(isUnpublished)
            ORDER BY at_ms, id LIMIT $2
        )
        """
    static let pruneReplays = "DELETE FROM event_replays WHERE begun_ms < $1"

    static let replay = """
        SELECT begun_ms, since_ms, until_ms, type, subject, at_ms, id, done FROM event_replays
        WHERE service = $1 AND name = $2
        """
    static let saveReplay = """
        INSERT INTO event_replays
            (service, name, begun_ms, since_ms, until_ms, type, subject, at_ms, id, done)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (service, name) DO UPDATE SET
            begun_ms = excluded.begun_ms, since_ms = excluded.since_ms, until_ms = excluded.until_ms,
            type = excluded.type, subject = excluded.subject, at_ms = excluded.at_ms, id = excluded.id,
            done = excluded.done
        """
    static let deleteReplay = "DELETE FROM event_replays WHERE service = $1 AND name = $2"
}
