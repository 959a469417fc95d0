import Database
import OrderEvents

extension TotalsStore {
    /// Reads the figures, all of one moment.
    ///
    /// Reads the minutes since then; the series of everything reads all minutes there are.
    ///
    /// - Parameters:
    ///   - since: Counted from the minute that this lies in; nil counts everything.
    ///   - top: Most products to list.
    ///   - now: The present moment.
    /// - Returns: At most `top` products, and a series of at most `BucketPolicy.most` buckets a currency.
    /// - Throws: `DatabaseError`.
    func statistics(since: Timestamp?, top: Int64, now: Timestamp = .now) async throws -> Statistics {
        let start = since.map { $0.milliseconds / 60_000 }
        return try await database.read { transaction in
            let table = start == nil ? "product_totals" : "minute_totals WHERE minute >= $1"
            let begin: [SQLValue] = start.map { [.integer($0)] } ?? []
            let cohorts =
                try transaction.query(
                    "SELECT cohort, currency, \(Self.sums) FROM \(table) GROUP BY cohort, currency \(Self.some)"
                        + " ORDER BY cohort, currency",
                    begin
                )
                .map(Self.cohort)
            let products =
                try transaction.query(
                    "SELECT product_id, currency, \(Self.sums) FROM \(table) GROUP BY product_id, currency \(Self.some)"
                        + " ORDER BY units DESC, orders DESC, product_id, currency LIMIT \(top)",
                    begin
                )
                .map { row in
                    try Statistics.ProductFigures(
                        productID: row.integer("product_id"),
                        figures: Self.figures(row)
                    )
                }
            let (length, series) = try Self.series(since: start, now: now, in: transaction)
            return Statistics(
                since: start.map { Timestamp(milliseconds: $0 * 60_000) },
                until: now,
                bucketMinutes: length,
                totals: try Self.totals(cohorts),
                cohorts: cohorts,
                products: products,
                series: series
            )
        }
    }

    /// The figures of all time by cohort and currency; cheap, however long that is.
    func cohorts() async throws -> [Statistics.CohortFigures] {
        try await database.read { transaction in
            try transaction.query(
                "SELECT cohort, currency, \(Self.sums) FROM product_totals GROUP BY cohort, currency"
                    + " ORDER BY cohort, currency LIMIT 1000"
            )
            .map(Self.cohort)
        }
    }

    private static let sums = "SUM(orders) AS orders, SUM(units) AS units, SUM(revenue) AS revenue"
    /// A cell that everything was moved out of stays, with zeros.
    private static let some = "HAVING SUM(orders) > 0"

    private static func series(
        since start: Int64?,
        now: Timestamp,
        in transaction: Transaction
    ) throws -> (length: Int64, [Statistics.Bucket]) {
        func minute(_ order: String) throws -> Int64? {
            try transaction.queryOne(
                "SELECT minute FROM minute_totals WHERE minute >= $1 AND orders > 0 ORDER BY minute \(order) LIMIT 1",
                [.integer(start ?? 0)]
            )?
            .integer("minute")
        }
        guard let oldest = try minute("ASC"), let newest = try minute("DESC") else {
            let present = now.milliseconds / 60_000
            return (BucketPolicy.minutes(from: min(start ?? present, present), to: present), [])
        }
        // A bucket's length should not hang on when the first order came, where the question says from when.
        let length = BucketPolicy.minutes(
            from: start ?? oldest,
            to: start == nil ? newest : max(newest, now.milliseconds / 60_000)
        )
        let rows = try transaction.query(
            "SELECT minute - minute % $2 AS start, currency, \(sums) FROM minute_totals WHERE minute >= $1"
                + " GROUP BY start, currency \(some) ORDER BY start, currency LIMIT 100000",
            [.integer(start ?? 0), .integer(length)]
        )
        return (
            length,
            try rows.map { row in
                try Statistics.Bucket(
                    start: Timestamp(milliseconds: row.integer("start") * 60_000),
                    figures: figures(row)
                )
            }
        )
    }

    private static func totals(
        _ cohorts: [Statistics.CohortFigures]
    ) throws(DatabaseError) -> [Statistics.Figures] {
        var sums: [String: Statistics.Figures] = [:]
        for part in cohorts.map(\.figures) {
            var sum = Statistics.Figures(currency: part.currency, orders: 0, units: 0, revenue: 0)
            if let known = sums[part.currency] { sum = known }
            guard sum.add(part) else {
                throw DatabaseError(
                    .corrupt,
                    during: .statement,
                    "the sums of \(part.currency) exceed 64 bits"
                )
            }
            sums[part.currency] = sum
        }
        return sums.values.sorted { $0.currency < $1.currency }
    }

    private static func cohort(_ row: Row) throws(DatabaseError) -> Statistics.CohortFigures {
        let name = try row.text("cohort")
        guard let cohort = Cohort(rawValue: name) else {
            throw DatabaseError(.corrupt, during: .statement, "no cohort is called \(name)")
        }
        return Statistics.CohortFigures(cohort: cohort, figures: try figures(row))
    }

    private static func figures(_ row: Row) throws(DatabaseError) -> Statistics.Figures {
        try Statistics.Figures(
            currency: row.text("currency"),
            orders: row.integer("orders"),
            units: row.integer("units"),
            revenue: row.integer("revenue")
        )
    }
}
