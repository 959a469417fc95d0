import Testing

@testable import OrderCtl

@Suite("The histogram of latencies")
struct LatencyHistogramTests {
    @Test("whole microseconds are exact up to a thousand, percentiles by the nearest rank")
    func exact() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(0.99) == 0 && histogram.mean == 0 && histogram.longest == 0)
        for number in 1...1_000 { histogram.add(microseconds: Int64(number)) }
        #expect(histogram.percentile(0) == 0.001)
        #expect(histogram.percentile(0.5) == 0.5)
        #expect(histogram.percentile(0.99) == 0.99)
        #expect(histogram.percentile(1) == 1)
        #expect(histogram.mean == 0.5005 && histogram.count == 1_000)
    }

    @Test("everything longer is at most 0.2 % more than is true, and never less", arguments: 1...6)
    func precision(seed: UInt64) {
        var dice = SeededDice(seed: seed)
        for _ in 0..<100 {
            let bits = Int64.random(in: 0...31, using: &dice)
            let length = Int64.random(in: 1...(2 << bits), using: &dice)
            var histogram = LatencyHistogram()
            histogram.add(microseconds: length)
            // One that is longer, so that the longest does not bound the answer.
            histogram.add(microseconds: Int64(UInt32.max))
            let found = histogram.percentile(0.5) * 1_000
            #expect(found >= Double(length) - 0.001 && found <= Double(length) * 1.002 + 0.001)
        }
    }

    @Test("what is out of bounds counts at the bounds; the longest is exact")
    func bounds() {
        var histogram = LatencyHistogram()
        histogram.add(milliseconds: 1e9)
        #expect(histogram.longest == 1e9 && histogram.percentile(0.5) == 1e9)
        histogram.add(microseconds: -5)
        histogram.add(microseconds: .max)
        #expect(histogram.count == 3 && histogram.percentile(0.1) == 0)
        histogram.add(milliseconds: .infinity)
        #expect(histogram.count == 4)
    }

    @Test("two that are merged are one that saw everything")
    func merging() {
        var dice = SeededDice(seed: 5)
        var parts = [LatencyHistogram(), LatencyHistogram()]
        var whole = LatencyHistogram()
        for number in 0..<5_000 {
            let length = Int64.random(in: 0...3_000_000, using: &dice)
            parts[number % 2].add(microseconds: length)
            whole.add(microseconds: length)
        }
        parts[0].merge(parts[1])
        #expect(parts[0] == whole)
        parts[0].reset()
        #expect(parts[0] == LatencyHistogram())
    }

    @Test("a second is summed up when the next one begins, and empty seconds are left out")
    func timeline() {
        var timeline = LatencyTimeline()
        timeline.add(microseconds: 1_000, in: 0)
        timeline.add(microseconds: 3_000, in: 0)
        timeline.add(microseconds: 7_000, in: 3)
        // The clock of an answer is read once for several.
        timeline.add(microseconds: 9_000, in: 2)
        #expect(
            timeline.seconds == [
                .init(second: 0, count: 2, p50: 1, p99: 3, longest: 3),
                .init(second: 3, count: 2, p50: 7.007, p99: 9, longest: 9),
            ]
        )
    }
}
