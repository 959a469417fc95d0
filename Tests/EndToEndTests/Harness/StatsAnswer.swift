import FoundationEssentials
import OrderEvents

/// What `/stats.json` says, or should say.
struct StatsAnswer: Decodable, Sendable {
    struct Row: Decodable, Hashable, Sendable {
        var cohort: String?
        var product_id: Int64?
        var at: String?
        var currency: String
        var orders: Int64
        var units: Int64
        var revenue: Decimal
    }

    var bucket_seconds: Int
    var totals: [Row]
    var cohorts: [Row]
    var products: [Row]
    var series: [Row]
}

extension StatsAnswer {
    /// What it should say of these orders, counted without anything of the worker's.
    init(recounting orders: [RecordedOrder]) {
        var firsts: [Int64: RecordedOrder] = [:]
        for order in orders {
            let user = order.facts.userID
            guard let known = firsts[user] else {
                firsts[user] = order
                continue
            }
            if (order.acceptedAt, order.facts.id) < (known.acceptedAt, known.facts.id) {
                firsts[user] = order
            }
        }
        func rows(_ key: (RecordedOrder) -> Row) -> [Row] {
            let groups = Dictionary(grouping: orders, by: key)
            return groups.map { row, orders in
                var row = row
                row.orders = Int64(orders.count)
                row.units = orders.reduce(0) { $0 + Int64($1.facts.quantity) }
                let cents = orders.reduce(0) { $0 + $1.facts.total.minorUnits }
                row.revenue = Decimal(cents) / 100
                return row
            }
        }
        func blank(_ order: RecordedOrder) -> Row {
            Row(currency: order.facts.currency, orders: 0, units: 0, revenue: 0)
        }
        bucket_seconds = 60
        totals = rows(blank)
        cohorts = rows { order in
            var row = blank(order)
            row.cohort = firsts[order.facts.userID] == order ? "first" : "repeat"
            return row
        }
        products = rows { order in
            var row = blank(order)
            row.product_id = order.facts.productID
            return row
        }
        series = rows { order in
            var row = blank(order)
            let ms = order.acceptedAt.milliseconds
            row.at = Timestamp(milliseconds: ms - ms % 60_000).text
            return row
        }
        .sorted { ($0.at ?? "") < ($1.at ?? "") }
    }
}
