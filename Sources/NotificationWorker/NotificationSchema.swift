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
        )
    ]
}
