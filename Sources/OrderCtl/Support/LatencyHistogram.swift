/// How long things took, in a bounded space and to within 0.2 %: two to three significant digits.
///
/// Log-linear, as HdrHistogram is: whole microseconds are counted exactly up to a thousand, and from there on each doubling
/// is cut into 512 equal steps. Pure. Adding costs the same however much was added; 96 KiB, whatever is added. From 1 µs to
/// about 71 minutes; what is longer counts as that, and its exact length is ``longest`` still.
/// - SeeAlso: http://hdrhistogram.org
struct LatencyHistogram: Equatable, Sendable {
    /// Steps in a doubling are two to the power of this.
    private static let precision = 9
    /// The largest that has a step of its own.
    private static let limit = Int64(UInt32.max)
    private static let steps = index(of: limit) + 1

    private var counts = [Int](repeating: 0, count: steps)
    private(set) var count = 0
    private var sum = 0.0
    private var longestMicroseconds: Int64 = 0

    /// The longest, exactly, in milliseconds.
    var longest: Double { Double(longestMicroseconds) / 1_000 }

    /// The average in milliseconds; 0 of nothing.
    var mean: Double { count == 0 ? 0 : sum / Double(count) / 1_000 }

    /// Counts one; less than nothing counts as nothing.
    mutating func add(microseconds: Int64) {
        let length = max(microseconds, 0)
        counts[Self.index(of: min(length, Self.limit))] += 1
        count += 1
        sum += Double(length)
        longestMicroseconds = max(longestMicroseconds, length)
    }

    /// Counts one, rounded to microseconds.
    mutating func add(milliseconds: Double) {
        // Far beyond anything measured, and within what an integer holds.
        add(microseconds: Int64(min(max(milliseconds, 0), 1e15) * 1_000))
    }

    /// Counts everything that the other one has counted.
    mutating func merge(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sum += other.sum
        longestMicroseconds = max(longestMicroseconds, other.longestMicroseconds)
    }

    /// Forgets everything, and keeps the space.
    mutating func reset() {
        for index in counts.indices { counts[index] = 0 }
        count = 0
        sum = 0
        longestMicroseconds = 0
    }

    /// The share `part` (0…1) took no longer than this, in milliseconds: at most 0.2 % more than is true, never less.
    func percentile(_ part: Double) -> Double {
        guard count > 0 else { return 0 }
        let wanted = min(max(1, Int((Double(count) * part).rounded(.up))), count)
        var seen = 0
        for (index, step) in counts.enumerated() where step > 0 {
            seen += step
            // The last step's upper end says nothing of what is beyond the limit.
            if seen >= wanted, index < Self.steps - 1 {
                return Double(min(Self.last(of: index), longestMicroseconds)) / 1_000
            }
        }
        return longest
    }

    /// Where a length is counted.
    private static func index(of length: Int64) -> Int {
        guard length >= 1 << (precision + 1) else { return Int(length) }
        let shift = Int64.bitWidth - 1 - length.leadingZeroBitCount - precision
        return shift << precision + Int(length >> Int64(shift))
    }

    /// The longest that is counted there.
    private static func last(of index: Int) -> Int64 {
        guard index >= 1 << (precision + 1) else { return Int64(index) }
        let shift = index >> precision - 1
        let step = Int64(index - shift << precision)
        return (step + 1) << Int64(shift) - 1
    }
}
