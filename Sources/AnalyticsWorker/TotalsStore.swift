import Database
import OrderEvents

/// Exact counts of what was ordered.
struct TotalsStore: Sendable {
    /// What was ordered in one currency: of one product, or of all.
    struct Totals: Equatable, Sendable {
        /// ISO 4217.
        var currency: String
        /// Orders placed.
        var orders: Int64
        /// Pieces ordered.
        var units: Int64
        /// Their price, in the currency's smallest unit.
        var revenue: Int64
    }

    let database: Database

    /// Counts one order, unless its event was counted before; both on disk on return.
    ///
    /// - Returns: False for an event counted before.
    /// - Throws: `DatabaseError`; nothing was counted, except that with `outcomeUnknown` it may be.
    func count(_ order: OrderCreated, eventID: String) async throws -> Bool {
        try await database.write { transaction in
            let isNew = try transaction.execute(
                "INSERT INTO counted_events (event_id, counted_at) VALUES ($1, $2) ON CONFLICT (event_id) DO NOTHING",
                [.text(eventID), .text(Timestamp.now.text)]
            )
            guard isNew == 1 else { return false }
            _ = try transaction.execute(
                """
                INSERT INTO product_totals (product_id, currency, orders, units, revenue)
                VALUES ($1, $2, 1, $3, $4)
                ON CONFLICT (product_id, currency) DO UPDATE SET
                    orders = product_totals.orders + 1,
                    units = product_totals.units + $3,
                    revenue = product_totals.revenue + $4
                """,
                [
                    .integer(order.productID), .text(order.currency), .integer(Int64(order.quantity)),
                    .integer(order.total.minorUnits),
                ]
            )
            return true
        }
    }

    /// Everything counted so far, by currency.
    func totals() async throws -> [Totals] {
        try await database.read { transaction in
            try transaction.query(
                """
                SELECT currency, SUM(orders) AS orders, SUM(units) AS units, SUM(revenue) AS revenue
                FROM product_totals GROUP BY currency ORDER BY currency LIMIT 1000
                """
            )
            .map(Self.totals)
        }
    }

    /// What was counted of one product, by currency.
    func totals(ofProduct product: Int64) async throws -> [Totals] {
        try await database.read { transaction in
            try transaction.query(
                """
                SELECT currency, orders, units, revenue FROM product_totals
                WHERE product_id = $1 ORDER BY currency LIMIT 1000
                """,
                [.integer(product)]
            )
            .map(Self.totals)
        }
    }

    private static func totals(_ row: Row) throws(DatabaseError) -> Totals {
        try Totals(
            currency: row.text("currency"),
            orders: row.integer("orders"),
            units: row.integer("units"),
            revenue: row.integer("revenue")
        )
    }
}
