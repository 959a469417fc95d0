/// Latency over time as text: a line a second, with a bar as long as that second's 99th percentile.
///
/// Pure. Fits a height: several seconds share a line where there are too many, and the worst of them is shown.
struct LatencyPlot {
    /// Most lines below the heading.
    static let height = 40
    private static let breadth = 40

    let seconds: [LatencyTimeline.Second]
    /// What was timed, in the plural, such as `orders`.
    let things: String

    /// The lines from the top; none of nothing.
    var lines: [String] {
        guard let first = seconds.first?.second, let last = seconds.last?.second else { return [] }
        let size = (last - first) / Self.height + 1
        let rows = Dictionary(grouping: seconds) { ($0.second - first) / size }
        let highest = max(seconds.map(\.p99).max() ?? 0, 0.001)
        let headings = [things, "p50 ms", "p99 ms", "max ms"]
        var lines = [padded("second", 7) + headings.map { padded($0, 10) }.joined()]
        for row in 0...(last - first) / size {
            lines.append(padded("\(first + row * size)", 7) + line(of: rows[row] ?? [], highest: highest))
        }
        return lines
    }

    /// What seconds that share a line have to say: all of their orders, and the worst of their figures.
    private func line(of seconds: [LatencyTimeline.Second], highest: Double) -> String {
        let count = seconds.reduce(0) { $0 + $1.count }
        guard count > 0 else { return padded("0", 10) }
        let worst = seconds.map(\.p99).max() ?? 0
        let median = seconds.map(\.p50).max() ?? 0
        let figures: [Double] = [median, worst, seconds.map(\.longest).max() ?? 0]
        let texts = ["\(count)"] + figures.map { Self.milliseconds($0) }
        return texts.map { padded($0, 10) }.joined() + "  " + Self.bar(worst / highest)
    }

    /// Two digits behind the point below 10, one below 100, else none.
    static func milliseconds(_ number: Double) -> String {
        let digits = number < 10 ? 2 : number < 100 ? 1 : 0
        let scale = [1.0, 10, 100][digits]
        let rounded = Int64((number * scale).rounded())
        guard digits > 0 else { return "\(rounded)" }
        let rest = "\(rounded % Int64(scale))"
        let zeros = String(repeating: "0", count: digits - rest.count)
        return "\(rounded / Int64(scale)).\(zeros)\(rest)"
    }

    /// A share of the breadth in eighths of a character; whatever is more than nothing is seen.
    private static func bar(_ part: Double) -> String {
        let eighths = max(1, Int((min(part, 1) * Double(breadth * 8)).rounded()))
        let ends = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + ends[eighths % 8]
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
