import Database

/// The tables of this service.
enum AnalyticsSchema {
    /// Never edited once released; changes are further steps.
    static let migrations = [
        Migration(
            "analytics-1",
            sql: """
                CREATE TABLE counted_events (
                    event_id TEXT PRIMARY KEY,
                    counted_at TEXT NOT NULL
                );
                CREATE TABLE product_totals (
                    product_id INTEGER NOT NULL,
                    currency TEXT NOT NULL,
                    orders INTEGER NOT NULL,
                    units INTEGER NOT NULL,
                    revenue INTEGER NOT NULL,
                    PRIMARY KEY (product_id, currency)
                );
                """
        )
    ]
}
