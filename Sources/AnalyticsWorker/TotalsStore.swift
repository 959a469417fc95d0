import Database
import OrderEvents

/// Exact counts of what was ordered.
struct TotalsStore: Sendable {
    let database: Database

    /// Counts one order, unless its event was counted before; on disk on return.
    ///
    /// Four statements, or five for a user's first order; the commit is shared with whoever waits beside.
    ///
    /// - Returns: The order's cohort, for now; nil for an event counted before.
    /// - Throws: `DatabaseError`; nothing was counted, except that with `outcomeUnknown` it may be. ``ImplausibleOrder``
    ///   where its product's revenue would pass 10^18; nothing was counted.
    func count(_ order: CountedOrder, eventID: String) async throws -> Cohort? {
        try await database.write { transaction in
            guard try transaction.execute(AnalyticsSchema.insertEvent, [.text(eventID)]) == 1 else {
                return nil
            }
            let first = try Self.firstOrder(of: order.userID, in: transaction)
            let decision = CohortPolicy(counting: order, after: first)
            if decision.cohort == .first {
                try transaction.execute(AnalyticsSchema.setFirstOrder, order.values)
            }
            for change in decision.changes { try Self.apply(change, in: transaction) }
            return decision.cohort
        }
    }

    private static func firstOrder(
        of user: Int64,
        in transaction: Transaction
    ) throws(DatabaseError) -> CountedOrder? {
        guard let row = try transaction.queryOne(AnalyticsSchema.firstOrder, [.integer(user)]) else {
            return nil
        }
        return try CountedOrder(
            id: row.text("order_id"),
            userID: user,
            productID: row.integer("product_id"),
            currency: row.text("currency"),
            units: row.integer("units"),
            revenue: row.integer("revenue"),
            createdAt: Timestamp(milliseconds: row.integer("created_ms"))
        )
    }

    private static func apply(
        _ change: CohortPolicy.Change,
        in transaction: Transaction
    ) throws {
        let order = change.order
        let cell: [SQLValue] = [
            .integer(order.productID), .text(order.currency), .text(change.cohort.rawValue),
            .integer(change.sign), .integer(change.sign * order.units), .integer(change.sign * order.revenue),
        ]
        try transaction.execute(AnalyticsSchema.addToMinute, cell + [.integer(order.minute)])
        guard try transaction.execute(AnalyticsSchema.addToProduct, cell) == 1 else {
            throw ImplausibleOrder(
                description: "total makes its product's revenue larger than can be counted"
            )
        }
    }
}

extension CountedOrder {
    /// The values of `AnalyticsSchema.setFirstOrder`, in its order.
    fileprivate var values: [SQLValue] {
        [
            .integer(userID), .text(id), .integer(createdAt.milliseconds), .integer(productID),
            .text(currency),
            .integer(units), .integer(revenue),
        ]
    }
}
