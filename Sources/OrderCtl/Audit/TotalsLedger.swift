import Database

/// Reads what analytics has counted.
struct TotalsLedger: Sendable {
    /// What one minute's cells hold, summed over cohorts.
    typealias Cells = [MinuteRecount.Cell: MinuteRecount.Sums]

    let database: Database

    /// The totals of some minutes, by minute.
    func minutes(_ range: ClosedRange<Int64>) async throws -> [Int64: Cells] {
        let sql = """
            SELECT minute, product_id, currency, SUM(orders) AS orders, SUM(units) AS units, SUM(revenue) AS revenue
            FROM minute_totals WHERE minute BETWEEN $1 AND $2 GROUP BY minute, product_id, currency
            """
        return try await database.read { transaction in
            var minutes: [Int64: Cells] = [:]
            for row in try transaction.query(sql, [.integer(range.lowerBound), .integer(range.upperBound)]) {
                let cell = try Self.cell(row)
                minutes[try row.integer("minute"), default: [:]][cell] = try Self.sums(row)
            }
            return minutes
        }
    }

    /// Findings where the totals do not add up among themselves: all of one moment.
    ///
    /// `product_totals` is the sum of `minute_totals`, and each user has one first order.
    func contradictions() async throws -> [AuditFinding] {
        try await database.read { transaction in
            func cells(_ table: String) throws -> Cells {
                let sql = """
                    SELECT product_id, currency, SUM(orders) AS orders, SUM(units) AS units, SUM(revenue) AS revenue
                    FROM \(table) GROUP BY product_id, currency
                    """
                let rows = try transaction.query(sql).map { (try Self.cell($0), try Self.sums($0)) }
                return Dictionary(rows) { first, _ in first }
            }
            let (minutes, products) = (try cells("minute_totals"), try cells("product_totals"))
            var findings: [AuditFinding] = []
            for cell in Set(minutes.keys).union(products.keys).sorted(by: { $0.product < $1.product }) {
                let (due, found) = (minutes[cell] ?? .init(), products[cell] ?? .init())
                guard due != found else { continue }
                findings.append(
                    AuditFinding(
                        kind: found.orders > due.orders ? .double : .missing,
                        service: "analytics",
                        order: nil,
                        detail:
                            "product \(cell.product), \(cell.currency): its total is \(found.orders) orders,"
                            + " \(found.units) pieces, \(found.revenue) in all; its minutes add up to"
                            + " \(due.orders), \(due.units), \(due.revenue)"
                    )
                )
            }
            let row = try transaction.queryOne(
                """
                SELECT (SELECT COUNT(*) FROM first_orders) AS users, COALESCE(SUM(orders), 0) AS firsts
                FROM minute_totals WHERE cohort = 'first'
                """
            )
            let (users, firsts) = (try row?.integer("users") ?? 0, try row?.integer("firsts") ?? 0)
            if users != firsts {
                findings.append(
                    AuditFinding(
                        kind: firsts > users ? .double : .missing,
                        service: "analytics",
                        order: nil,
                        detail: "\(firsts) first orders are counted for \(users) users"
                    )
                )
            }
            return findings
        }
    }

    private static func cell(_ row: Row) throws -> MinuteRecount.Cell {
        MinuteRecount.Cell(product: try row.integer("product_id"), currency: try row.text("currency"))
    }

    private static func sums(_ row: Row) throws -> MinuteRecount.Sums {
        MinuteRecount.Sums(
            orders: try row.integer("orders"),
            units: try row.integer("units"),
            revenue: try row.integer("revenue")
        )
    }
}
