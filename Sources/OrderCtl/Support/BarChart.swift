/// Numbers as upright bars of block characters.
///
/// Pure. Fits a width: several numbers share a bar where there are too many, a bar is up to four characters wide where
/// there are few.
struct BarChart {
    /// Lines that the highest bar fills.
    static let height = 8

    /// How many of the numbers each bar stands for.
    let bucketsPerBar: Int
    private let bars: [Int64]
    private let barWidth: Int
    private let margin: Int
    private let isColoured: Bool

    /// Plans a chart.
    ///
    /// - Parameters:
    ///   - values: At least one, none negative.
    ///   - width: Longest line; 20 at least is taken.
    ///   - isColoured: Whether the bars have a colour.
    init(values: [Int64], width: Int, isColoured: Bool) {
        let total = values.reduce(0, +)
        // The scale's numbers and its line; the sum is longer than any bar's number.
        margin = "\(total)".count + 2
        let room = max(20, width) - margin
        bucketsPerBar = max(1, (values.count + room - 1) / room)
        let size = bucketsPerBar
        bars = stride(from: 0, to: values.count, by: size)
            .map { values[$0..<min($0 + size, values.count)].reduce(0, +) }
        barWidth = max(1, min(4, room / max(1, bars.count)))
        self.isColoured = isColoured
    }

    /// The lines, from the top.
    ///
    /// - Parameters:
    ///   - first: Stands below the first bar.
    ///   - last: Stands below the last bar.
    /// - Returns: The bars with their scale, the ground, and what stands below.
    func lines(from first: String, to last: String) -> [String] {
        let highest = max(bars.max() ?? 0, 1)
        let rows = (0..<Self.height)
            .map { row in
                let base = Int64(Self.height - 1 - row) * 8
                let cells = bars.map { value in
                    String(repeating: Self.block(Self.eighths(value, of: highest) - base), count: barWidth)
                }
                let scale = row == 0 ? "\(highest)" : ""
                return padded(scale) + " ┤" + coloured(cells.joined().trimmingEnd)
            }
        let breadth = bars.count * barWidth
        let gap = max(1, breadth - first.count - last.count)
        return rows + [
            padded("0") + " ┼" + String(repeating: "─", count: breadth),
            String(repeating: " ", count: margin)
                + (bars.count == 1 ? first : first + String(repeating: " ", count: gap) + last),
        ]
    }

    /// The height in eighths of a line; whatever is more than nothing is seen.
    private static func eighths(_ value: Int64, of highest: Int64) -> Int64 {
        guard value > 0 else { return 0 }
        let whole = Double(height * 8)
        return max(1, Int64((Double(value) / Double(highest) * whole).rounded()))
    }

    private static func block(_ eighths: Int64) -> String {
        let blocks = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        return blocks[Int(min(max(eighths, 0), 8))]
    }

    private func padded(_ text: String) -> String {
        String(repeating: " ", count: max(0, margin - 2 - text.count)) + text
    }

    private func coloured(_ text: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[36m\(text)\u{1B}[0m" : text
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        var rest = self
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
