/// How long things took, in a bounded space: a count for each step of about 5 %.
///
/// Pure. From 0.1 ms to about ten minutes; what is longer counts as that.
struct LatencyHistogram: Equatable, Sendable {
    private static let steps = 320
    private static let first = 0.1
    private static let factor = 1.05

    private var counts = [Int](repeating: 0, count: steps)
    private(set) var count = 0
    /// The longest, exactly, in milliseconds.
    private(set) var longest = 0.0

    /// Counts one.
    mutating func add(milliseconds: Double) {
        var step = 0
        var limit = Self.first
        while step < Self.steps - 1, milliseconds > limit {
            step += 1
            limit *= Self.factor
        }
        counts[step] += 1
        count += 1
        longest = max(longest, milliseconds)
    }

    /// The share `part` (0…1) took no longer than this, to about 5 %, in milliseconds.
    func percentile(_ part: Double) -> Double {
        guard count > 0 else { return 0 }
        let wanted = max(1, Int((Double(count) * part).rounded(.up)))
        var seen = 0
        var limit = Self.first
        for step in counts {
            seen += step
            if seen >= wanted { return min(limit, longest) }
            limit *= Self.factor
        }
        return longest
    }
}
