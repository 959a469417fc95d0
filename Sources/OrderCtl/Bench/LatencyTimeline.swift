/// How long things took in each second, in little space: every second is summed up when it is over.
///
/// Pure. Holds one histogram, and three figures for each second; a day has 86 400.
struct LatencyTimeline: Equatable, Sendable {
    /// A second in which something ended.
    struct Second: Equatable, Sendable, Encodable {
        /// Since the beginning.
        var second: Int
        var count: Int
        var p50: Double
        var p99: Double
        var longest: Double

        enum CodingKeys: String, CodingKey {
            case second, count
            case p50 = "p50_ms"
            case p99 = "p99_ms"
            case longest = "max_ms"
        }
    }

    private var finished: [Second] = []
    private var current = 0
    private var histogram = LatencyHistogram()

    /// Everything so far; seconds in which nothing ended are left out.
    var seconds: [Second] {
        histogram.count == 0 ? finished : finished + [summary]
    }

    /// Notes one that took so long.
    ///
    /// - Parameters:
    ///   - microseconds: How long it took.
    ///   - second: In which it ended; an earlier one than before counts as that.
    mutating func add(microseconds: Int64, in second: Int) {
        if second > current {
            if histogram.count > 0 {
                finished.append(summary)
                histogram.reset()
            }
            current = second
        }
        histogram.add(microseconds: microseconds)
    }

    private var summary: Second {
        Second(
            second: current,
            count: histogram.count,
            p50: histogram.percentile(0.5),
            p99: histogram.percentile(0.99),
            longest: histogram.longest
        )
    }
}
