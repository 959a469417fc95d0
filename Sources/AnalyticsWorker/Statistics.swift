import OrderEvents

/// What was ordered since a moment, or ever.
struct Statistics: Hashable, Sendable {
    /// Orders, pieces and their price.
    struct Figures: Hashable, Sendable {
        /// ISO 4217; amounts of two currencies are never added.
        var currency: String
        var orders: Int64
        var units: Int64
        /// In the currency's smallest unit.
        var revenue: Int64

        /// What an order costs on the average, in the smallest unit, rounded half up.
        var averageBasket: Int64 {
            guard orders > 0 else { return 0 }
            // Nothing is doubled: that of a large sum would not fit.
            let (average, rest) = revenue.quotientAndRemainder(dividingBy: orders)
            return rest >= orders - max(rest, 0) ? average + 1 : average
        }

        /// Adds what was counted in the same currency.
        ///
        /// - Returns: Whether the sums fit; unchanged otherwise.
        mutating func add(_ other: Figures) -> Bool {
            let sums = (
                orders.addingReportingOverflow(other.orders), units.addingReportingOverflow(other.units),
                revenue.addingReportingOverflow(other.revenue)
            )
            guard !sums.0.overflow, !sums.1.overflow, !sums.2.overflow else { return false }
            (orders, units, revenue) = (sums.0.partialValue, sums.1.partialValue, sums.2.partialValue)
            return true
        }
    }

    /// One cohort's figures.
    struct CohortFigures: Hashable, Sendable {
        var cohort: Cohort
        var figures: Figures
    }

    /// One product's figures.
    struct ProductFigures: Hashable, Sendable {
        var productID: Int64
        var figures: Figures
    }

    /// The figures of one stretch of time.
    struct Bucket: Hashable, Sendable {
        /// Its first moment.
        var start: Timestamp
        var figures: Figures
    }

    /// The minute that counting begins with; nil for everything.
    var since: Timestamp?
    /// When this was read.
    var until: Timestamp
    /// How long each bucket of ``series`` is, in minutes.
    var bucketMinutes: Int64
    /// By currency.
    var totals: [Figures]
    /// By cohort and currency.
    var cohorts: [CohortFigures]
    /// Those with the most units.
    var products: [ProductFigures]
    /// Buckets with orders, oldest first.
    var series: [Bucket]
}

/// Decides how long the buckets of a series are.
///
/// Pure. Minutes for up to a day, hours for up to sixty, then whole days: never more than ``most`` buckets.
enum BucketPolicy {
    /// Most buckets of one series.
    static let most: Int64 = 1_440

    /// The length of a bucket in minutes, for a stretch from one minute to another, both included.
    static func minutes(from first: Int64, to last: Int64) -> Int64 {
        for length in [1, 60] as [Int64] where last / length - first / length < most { return length }
        let days = last / 1_440 - first / 1_440 + 1
        // One bucket more where the first day is not the first of its bucket.
        return days <= most ? 1_440 : 1_440 * (days / (most - 1) + 1)
    }
}
