import CoreMetrics
import Synchronization

/// The TYPE of a metric in Prometheus text.
enum MetricKind: String, Sendable {
    case counter
    case gauge
    case histogram
}

/// The values of one metric under one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    /// Sample lines: what is added to the name, what is added to the labels, the value.
    func samples() -> [(suffix: String, label: String?, value: Double)]
}

/// Only ever goes up.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func samples() -> [(suffix: String, label: String?, value: Double)] {
        [("", nil, value.withLock { $0 })]
    }
}

/// Goes up and down.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }

    func samples() -> [(suffix: String, label: String?, value: Double)] {
        [("", nil, value.withLock { $0 })]
    }
}

/// Counts values by size.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    /// Upper bounds for durations: 1 ms, where a local database answers, to 60 s, past every deadline here.
    static let seconds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Upper bounds for plain numbers, such as the size of a batch.
    static let counts: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

    private struct Contents {
        /// How many values fell into each bucket alone; the last one has no upper bound.
        var buckets: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let contents: Mutex<Contents>

    init(bounds: [Double]) {
        self.bounds = bounds
        contents = Mutex(Contents(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        contents.withLock { contents in
            contents.buckets[bucket] += 1
            contents.sum += value
        }
    }

    func samples() -> [(suffix: String, label: String?, value: Double)] {
        let (buckets, sum) = contents.withLock { ($0.buckets, $0.sum) }
        var total = 0.0
        var samples: [(suffix: String, label: String?, value: Double)] = []
        for (index, count) in buckets.enumerated() {
            total += Double(count)
            let bound = index < bounds.count ? MetricName.number(bounds[index]) : "+Inf"
            samples.append(("_bucket", "le=\"\(bound)\"", total))
        }
        return samples + [("_sum", nil, sum), ("_count", nil, total)]
    }
}
