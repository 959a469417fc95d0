import Database

/// The tables of this service.
enum StockSchema {
    /// Never edited once released; changes are further steps.
    static let migrations = [
        Migration(
            "inventory-1",
            sql: """
                CREATE TABLE stock (
                    product_id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL,
                    stock INTEGER NOT NULL CHECK (stock >= 0)
                );
                CREATE TABLE handled_events (
                    event_id TEXT PRIMARY KEY,
                    order_id TEXT NOT NULL,
                    product_id INTEGER NOT NULL,
                    quantity INTEGER NOT NULL,
                    outcome TEXT NOT NULL CHECK (outcome IN ('sold', 'rejected')),
                    remaining INTEGER NOT NULL,
                    handled_at TEXT NOT NULL
                );
                """
        ),
        // Refusals that not every service has been told of: a row goes when the broker has confirmed its event.
        Migration(
            "inventory-2",
            sql: """
                CREATE TABLE due_rejections (
                    event_id TEXT PRIMARY KEY,
                    rejection_id TEXT NOT NULL,
                    product_name TEXT NOT NULL,
                    remaining INTEGER NOT NULL,
                    rejected_ms INTEGER NOT NULL
                );
                """
        ),
        // All that ever came in, the first stock included, so that an audit can tell what left: what is there, and what
        // receipts say was sold, must add up to it.
        Migration(
            "inventory-3",
            sql: """
                CREATE TABLE deliveries (
                    product_id INTEGER NOT NULL,
                    quantity INTEGER NOT NULL,
                    delivered_at TEXT NOT NULL
                );
                INSERT INTO deliveries (product_id, quantity, delivered_at)
                SELECT product_id, stock + COALESCE((
                    SELECT SUM(quantity) FROM handled_events
                    WHERE outcome = 'sold' AND handled_events.product_id = stock.product_id
                ), 0), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM stock;
                """
        ),
    ]
}
