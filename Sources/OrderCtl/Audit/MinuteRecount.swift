/// Counts the orders that analytics has receipts for, minute by minute, and compares with what it counted.
///
/// Pure. Orders come in the order of their ids, which is that of their minutes; only the minute at hand is kept.
struct MinuteRecount {
    /// What a minute's orders of one product and currency come to.
    struct Cell: Hashable, Sendable {
        var product: Int64
        var currency: String
    }

    struct Sums: Equatable, Sendable {
        var orders: Int64 = 0
        var units: Int64 = 0
        var revenue: Int64 = 0

        static func - (left: Sums, right: Sums) -> Sums {
            Sums(
                orders: left.orders - right.orders,
                units: left.units - right.units,
                revenue: left.revenue - right.revenue
            )
        }
    }

    private struct Candidate {
        var id: String
        var cell: Cell
        var sums: Sums
        var hasReceipt: Bool
    }

    let minute: Int64
    private var candidates: [Candidate] = []

    init(minute: Int64) {
        self.minute = minute
    }

    /// Takes an order of this minute.
    ///
    /// One without a receipt is not to be counted, but may have been.
    mutating func take(_ order: AuditedOrder, hasReceipt: Bool = true) {
        candidates.append(
            Candidate(
                id: order.id,
                cell: Cell(product: order.product, currency: order.currency),
                sums: Sums(orders: 1, units: order.quantity, revenue: order.revenue),
                hasReceipt: hasReceipt
            )
        )
    }

    /// Compares with the totals that analytics has for this minute.
    ///
    /// - Parameter counted: Summed over cohorts.
    /// - Returns: A finding for each cell that differs; it names the order where only one fits.
    func findings(_ counted: [Cell: Sums]) -> [AuditFinding] {
        var expected: [Cell: Sums] = [:]
        for candidate in candidates where candidate.hasReceipt {
            var sums = expected[candidate.cell] ?? Sums()
            sums.orders += 1
            sums.units += candidate.sums.units
            sums.revenue += candidate.sums.revenue
            expected[candidate.cell] = sums
        }
        let cells = Set(expected.keys).union(counted.keys)
            .sorted { ($0.product, $0.currency) < ($1.product, $1.currency) }
        return cells.compactMap { cell in
            let (due, found) = (expected[cell] ?? Sums(), counted[cell] ?? Sums())
            return due == found ? nil : finding(cell, due: due, found: found)
        }
    }

    private func finding(_ cell: Cell, due: Sums, found: Sums) -> AuditFinding {
        let isDouble = (found.orders, found.units, found.revenue) > (due.orders, due.units, due.revenue)
        let difference = isDouble ? found - due : due - found
        let alike = candidates.filter {
            $0.cell == cell && $0.sums == difference && ($0.hasReceipt || isDouble)
        }
        // What was counted without a receipt is the likeliest to have been counted too often.
        let unreceipted = alike.filter { !$0.hasReceipt }
        let fitting = unreceipted.isEmpty ? alike : unreceipted
        let counts =
            "\(found.orders) orders, \(found.units) pieces, \(found.revenue) in all are counted, receipts are for"
            + " \(due.orders), \(due.units), \(due.revenue)"
        let others =
            fitting.count > 1 ? "; one of \(fitting.map(\.id).prefix(10).joined(separator: ", "))" : ""
        return AuditFinding(
            kind: isDouble ? .double : .missing,
            service: "analytics",
            order: fitting.count == 1 ? fitting[0].id : nil,
            detail: "product \(cell.product), \(cell.currency), minute \(minute): \(counts)\(others)"
        )
    }
}
