/// Why an expression cannot be used, and where.
public struct FilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was written.
    public let expression: String
    /// Where the trouble begins, in characters from 1; one after the last character is the end.
    public let column: Int
    /// What could stand there.
    public let expected: String
    /// What stands there.
    public let found: String
    /// What was probably meant, or how to write it; nil where nothing is close.
    public let suggestion: String?

    /// One line, such as `column 1: expected a field, found totl; did you mean total?`.
    public var description: String {
        let hint = suggestion.map { "; \($0)" } ?? ""
        return "column \(column): expected \(expected), found \(found)\(hint)"
    }

    /// Two lines: the expression, and a caret under the column.
    ///
    /// Of a long expression what is around the column; control characters as blanks, so that the caret stands right.
    public var illustration: [String] {
        let characters = expression.map { Self.isVisible($0) ? $0 : " " }
        let index = min(max(column - 1, 0), characters.count)
        let first = max(0, index - 40)
        let last = min(characters.count, first + 72)
        let before = first > 0 ? "…" : ""
        let after = last < characters.count ? "…" : ""
        return [
            before + String(characters[first..<last]) + after,
            String(repeating: " ", count: before.count + index - first) + "^",
        ]
    }

    private static func isVisible(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate:
                false
            default: true
            }
        }
    }

    /// Text of the expression inside a message: one line, at most 40 characters.
    static func shown(_ text: some StringProtocol) -> String {
        let visible = String(text.prefix(40).map { isVisible($0) ? $0 : " " })
        return text.count > 40 ? visible + "…" : visible
    }
}
