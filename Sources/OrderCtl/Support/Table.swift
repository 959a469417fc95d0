import ServiceKit

/// Text in columns, each as wide as its widest cell.
///
/// Pure. Cells may hold what anybody sent: nothing in them can steer a terminal.
struct Table {
    let headings: [String]
    private(set) var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    /// Adds one row, a cell for each heading; line breaks within a cell become blanks, control characters are escaped.
    mutating func add(_ cells: String...) {
        precondition(cells.count == headings.count, "a row needs a cell for each heading")
        rows.append(
            cells.map { LogText.escaped($0.split(whereSeparator: \.isNewline).joined(separator: " ")) }
        )
    }

    /// The table, headings first; numbers to the right.
    var text: String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let lines = all.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return isNumeric(column) ? padding + row[column] : row[column] + padding
            }
            return cells.joined(separator: "  ").trimmingTrailingBlanks
        }
        return lines.joined(separator: "\n")
    }

    private func isNumeric(_ column: Int) -> Bool {
        !rows.isEmpty && rows.allSatisfy { Double($0[column]) != nil }
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: String {
        var rest = self
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
