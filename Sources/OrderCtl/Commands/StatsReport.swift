import FoundationEssentials
import OrderEvents

/// What an analytics worker's `/stats.json` says.
struct StatsReport: Decodable, Sendable {
    struct Figures: Decodable, Sendable {
        var currency: String
        var orders: Int64
        var units: Int64
        var revenue: Decimal
        var average_basket: Decimal
        var cohort: String?
        var product_id: Int64?
    }

    struct Bucket: Decodable, Sendable {
        var at: String
        var orders: Int64
    }

    var since: String?
    var until: String
    var bucket_seconds: Int64
    var totals: [Figures]
    var cohorts: [Figures]
    var products: [Figures]
    var series: [Bucket]

    /// Reads the answer.
    ///
    /// - Parameter body: JSON.
    /// - Throws: ``CommandError`` where it is something else.
    init(_ body: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(body))
        } catch {
            throw Self.unreadable
        }
        guard (60...3_153_600_000).contains(bucket_seconds) else { throw Self.unreadable }
    }

    private static let unreadable = CommandError.unavailable(
        "What answers is no analytics worker, or one of another version."
    )

    /// Tables and a chart.
    ///
    /// Pure.
    /// - Parameters:
    ///   - width: Longest line of the chart, in characters.
    ///   - isColoured: Whether the bars have a colour.
    /// - Returns: Lines without an end after the last.
    func text(width: Int, isColoured: Bool) -> String {
        guard !totals.isEmpty else {
            return since.map { "No orders since \($0)." } ?? "No orders are counted yet."
        }
        let parts = [
            "Orders " + (since.map { "since \($0)" } ?? "of all time") + ", read at \(until)",
            totalsTable, cohortsTable, productsTable, chart(width: width, isColoured: isColoured),
        ]
        return parts.joined(separator: "\n\n")
    }

    private var totalsTable: String {
        var table = Table("CURRENCY", "ORDERS", "UNITS", "REVENUE", "AVERAGE BASKET")
        for row in totals {
            table.add(
                row.currency,
                "\(row.orders)",
                "\(row.units)",
                row.revenue.amount,
                row.average_basket.amount
            )
        }
        return table.text
    }

    private var cohortsTable: String {
        var table = Table("COHORT", "CURRENCY", "ORDERS", "UNITS", "REVENUE", "AVERAGE BASKET")
        for row in cohorts {
            table.add(
                row.cohort ?? "",
                row.currency,
                "\(row.orders)",
                "\(row.units)",
                row.revenue.amount,
                row.average_basket.amount
            )
        }
        return table.text
    }

    private var productsTable: String {
        var table = Table("PRODUCT", "CURRENCY", "ORDERS", "UNITS", "REVENUE", "AVERAGE BASKET")
        for row in products {
            table.add(
                row.product_id.map { "\($0)" } ?? "",
                row.currency,
                "\(row.orders)",
                "\(row.units)",
                row.revenue.amount,
                row.average_basket.amount
            )
        }
        return table.text
    }

    /// Every bucket from the first to the last, those without orders too.
    private func chart(width: Int, isColoured: Bool) -> String {
        let length = bucket_seconds * 1_000
        let counts = series.reduce(into: [Int64: Int64]()) { counts, bucket in
            guard let at = Self.milliseconds(bucket.at) else { return }
            counts[at / length, default: 0] += bucket.orders
        }
        guard let oldest = counts.keys.min(), let newest = counts.keys.max() else { return "" }
        let first = min(oldest, since.flatMap(Self.milliseconds).map { $0 / length } ?? oldest)
        let last = since == nil ? newest : max(newest, (Self.milliseconds(until) ?? 0) / length)
        guard last - first < 100_000 else { return "" }
        let values = (first...last).map { counts[$0] ?? 0 }
        let chart = BarChart(values: values, width: width, isColoured: isColoured)
        let title = "Orders per \(Self.name(ofSeconds: bucket_seconds * Int64(chart.bucketsPerBar))), UTC"
        // The clock for up to a day, the date beyond.
        let isLong = (last - first) * bucket_seconds > 86_400
        let labels = [first, last]
            .map { bucket in
                let text = Timestamp(milliseconds: bucket * length).text
                return String(isLong ? text.prefix(10) : text.dropFirst(11).prefix(5))
            }
        return ([title] + chart.lines(from: labels[0], to: labels[1])).joined(separator: "\n")
    }

    private static func name(ofSeconds seconds: Int64) -> String {
        for (unit, length) in [("day", 86_400), ("hour", 3_600), ("minute", 60)] as [(String, Int64)]
        where seconds.isMultiple(of: length) {
            return seconds == length ? unit : "\(seconds / length) \(unit)s"
        }
        return "\(seconds) s"
    }

    private static func milliseconds(_ text: String) -> Int64? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? Date(text, strategy: style)).map { Int64(($0.timeIntervalSince1970 * 1_000).rounded()) }
    }
}

extension Decimal {
    /// With exactly two decimals.
    fileprivate var amount: String {
        (try? Money.parse(description))?.decimalText ?? description
    }
}
