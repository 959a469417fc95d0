import Database

/// The table of this service.
enum NotificationSchema {
    /// Never edited once released; changes are further steps.
    static let migrations = [
        Migration(
            "notification-1",
            sql: """
                CREATE TABLE notifications (
                    event_id TEXT PRIMARY KEY,
                    state TEXT NOT NULL CHECK (state IN ('sending', 'sent')),
                    claim TEXT NOT NULL,
                    changed_at INTEGER NOT NULL
                );
                """
        ),
        // SQLite cannot change a CHECK in place.
        Migration(
            "notification-2",
            sql: """
                CREATE TABLE notifications_2 (
                    event_id TEXT PRIMARY KEY,
                    state TEXT NOT NULL CHECK (state IN ('sending', 'unknown', 'sent')),
                    claim TEXT NOT NULL,
                    changed_at INTEGER NOT NULL
                );
                INSERT INTO notifications_2 SELECT event_id, state, claim, changed_at FROM notifications;
                DROP TABLE notifications;
                ALTER TABLE notifications_2 RENAME TO notifications;
                """
        ),
    ]
}
