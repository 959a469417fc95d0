import Database

/// The tables of this service.
///
/// `minute_totals` is the one truth, a cell for each minute, product, currency and cohort that has orders.
/// `product_totals` is its sum over all time, kept beside it so that `/metrics` need not add up years.
/// `first_orders` knows each user's earliest order, with what it takes to move it to the other cohort when an
/// earlier one arrives later.
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
        ),
        // Begins anew: what was counted without minutes and users cannot be split by them. The ids of what was counted
        // go too, so that `orderctl events replay --to analytics` counts all of it again.
        Migration(
            "analytics-2",
            sql: """
                DROP TABLE product_totals;
                DROP TABLE counted_events;
                CREATE TABLE counted_events (
                    event_id TEXT PRIMARY KEY
                ) WITHOUT ROWID;
                CREATE TABLE minute_totals (
                    minute BIGINT NOT NULL,
                    product_id BIGINT NOT NULL,
                    currency TEXT NOT NULL,
                    cohort TEXT NOT NULL,
                    orders BIGINT NOT NULL,
                    units BIGINT NOT NULL,
                    revenue BIGINT NOT NULL,
                    PRIMARY KEY (minute, product_id, currency, cohort)
                ) WITHOUT ROWID;
                CREATE TABLE product_totals (
                    product_id BIGINT NOT NULL,
                    currency TEXT NOT NULL,
                    cohort TEXT NOT NULL,
                    orders BIGINT NOT NULL,
                    units BIGINT NOT NULL,
                    revenue BIGINT NOT NULL,
                    PRIMARY KEY (product_id, currency, cohort)
                ) WITHOUT ROWID;
                CREATE TABLE first_orders (
                    user_id BIGINT PRIMARY KEY,
                    order_id TEXT NOT NULL,
                    created_ms BIGINT NOT NULL,
                    product_id BIGINT NOT NULL,
                    currency TEXT NOT NULL,
                    units BIGINT NOT NULL,
                    revenue BIGINT NOT NULL
                );
                """
        ),
    ]

    static let insertEvent =
        "INSERT INTO counted_events (event_id) VALUES ($1) ON CONFLICT (event_id) DO NOTHING"
    static let firstOrder = """
        SELECT order_id, created_ms, product_id, currency, units, revenue FROM first_orders WHERE user_id = $1
        """
    static let setFirstOrder = """
        INSERT INTO first_orders (user_id, order_id, created_ms, product_id, currency, units, revenue)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (user_id) DO UPDATE SET
            order_id = $2, created_ms = $3, product_id = $4, currency = $5, units = $6, revenue = $7
        """
    static let addToMinute = """
        INSERT INTO minute_totals (product_id, currency, cohort, orders, units, revenue, minute)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (minute, product_id, currency, cohort) DO UPDATE SET
            orders = minute_totals.orders + $4,
            units = minute_totals.units + $5,
            revenue = minute_totals.revenue + $6
        """
    /// Changes nothing where the revenue would leave 64 bits behind: SQLite would go on with a rounded number.
    static let addToProduct = """
        INSERT INTO product_totals (product_id, currency, cohort, orders, units, revenue)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (product_id, currency, cohort) DO UPDATE SET
            orders = product_totals.orders + $4,
            units = product_totals.units + $5,
            revenue = product_totals.revenue + $6
        WHERE product_totals.revenue <= 1000000000000000000 - $6
        """
}
