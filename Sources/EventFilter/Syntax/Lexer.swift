/// Cuts an expression into tokens, one at a time, from left to right.
///
/// Looks at scalars, not at characters: a quote before a combining mark is a quote. Columns count characters.
struct Lexer {
    let expression: String
    private let scalars: [Unicode.Scalar]
    /// Of each scalar, and of the end.
    private let columns: [Int]
    private var index = 0

    init(_ expression: String) {
        self.expression = expression
        scalars = Array(expression.unicodeScalars)
        let ofScalars = expression.enumerated()
            .flatMap { number, character in
                repeatElement(number + 1, count: character.unicodeScalars.count)
            }
        columns = ofScalars + [expression.count + 1]
    }

    /// The next token; after the last one `end`, as often as asked.
    mutating func next() throws(FilterError) -> Token {
        while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
        let start = index
        guard index < scalars.count else { return token(.end, from: start) }
        let character = scalars[index]
        if Self.beginsName(character) { return name() }
        if Self.isDigit(character) || (character == "-" && isDigit(at: index + 1)) { return try number() }
        if character == "\"" { return try text() }
        for symbol in Token.Symbol.allCases where matches(symbol.rawValue) {
            index += symbol.rawValue.count
            return token(.symbol(symbol), from: start)
        }
        index += 1
        return token(.stray(String(character)), from: start)
    }

    private mutating func name() -> Token {
        let start = index
        while index < scalars.count, Self.continuesName(scalars[index]) { index += 1 }
        return token(.name(written(start..<index)), from: start)
    }

    private mutating func number() throws(FilterError) -> Token {
        let start = index
        if scalars[index] == "-" { index += 1 }
        skipDigits()
        if index < scalars.count, scalars[index] == "." {
            index += 1
            guard isDigit(at: index) else {
                throw error(at: index, expected: "a digit after the decimal point")
            }
            skipDigits()
        }
        guard index == scalars.count || !Self.beginsName(scalars[index]) else {
            let isExponent = "eE".unicodeScalars.contains(scalars[index])
            throw error(
                at: index,
                expected: "the end of the number",
                isExponent ? "write all its digits" : nil
            )
        }
        return token(.number(ExactDecimal(written(start..<index))), from: start)
    }

    private mutating func text() throws(FilterError) -> Token {
        let start = index
        var content = ""
        index += 1
        while index < scalars.count {
            let character = scalars[index]
            switch character {
            case "\"":
                index += 1
                return token(.text(content), from: start)
            case "\\":
                content.unicodeScalars.append(try escape())
            default:
                content.unicodeScalars.append(character)
                index += 1
            }
        }
        throw FilterError(
            expression: expression,
            column: columns[start],
            expected: "text that ends with \"",
            found: "no second \" up to the end",
            suggestion: nil
        )
    }

    /// Reads one escape, as JSON writes them.
    private mutating func escape() throws(FilterError) -> Unicode.Scalar {
        let start = index
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
            "\"": "\"", "\\": "\\", "/": "/", "n": "\n", "r": "\r", "t": "\t", "b": "\u{8}", "f": "\u{C}",
        ]
        if index + 1 < scalars.count, let scalar = plain[scalars[index + 1]] {
            index += 2
            return scalar
        }
        if let first = hexadecimal(at: index) {
            index += 6
            if let scalar = Unicode.Scalar(first) { return scalar }
            if (0xD800...0xDBFF).contains(first), let second = hexadecimal(at: index),
                (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                index += 6
                return scalar
            }
        }
        throw FilterError(
            expression: expression,
            column: columns[start],
            expected: #"one of \" \\ \/ \b \f \n \r \t \u0041"#,
            found: FilterError.shown(written(start..<min(start + 2, scalars.count))),
            suggestion: nil
        )
    }

    /// The number behind `\u`, if it is there with four digits.
    private func hexadecimal(at start: Int) -> UInt32? {
        guard start + 6 <= scalars.count, scalars[start] == "\\", scalars[start + 1] == "u" else {
            return nil
        }
        let digits = scalars[(start + 2)..<(start + 6)]
        guard digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
        return UInt32(written((start + 2)..<(start + 6)), radix: 16)
    }

    private mutating func skipDigits() {
        while isDigit(at: index) { index += 1 }
    }

    private func isDigit(at index: Int) -> Bool {
        index < scalars.count && Self.isDigit(scalars[index])
    }

    private func matches(_ symbol: String) -> Bool {
        scalars[index...].starts(with: symbol.unicodeScalars)
    }

    private func token(_ kind: Token.Kind, from start: Int) -> Token {
        Token(kind: kind, column: columns[start], written: written(start..<index))
    }

    private func error(at index: Int, expected: String, _ suggestion: String? = nil) -> FilterError {
        FilterError(
            expression: expression,
            column: columns[index],
            expected: expected,
            found: index < scalars.count ? FilterError.shown(String(scalars[index])) : "the end",
            suggestion: suggestion
        )
    }

    private func written(_ range: Range<Int>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[range])
        return text
    }

    private static func beginsName(_ character: Unicode.Scalar) -> Bool {
        character.properties.isAlphabetic || character == "_"
    }

    /// Marks belong to the letter before them.
    private static func continuesName(_ character: Unicode.Scalar) -> Bool {
        switch character.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: beginsName(character) || isDigit(character)
        }
    }

    private static func isDigit(_ character: Unicode.Scalar) -> Bool { ("0"..."9").contains(character) }
}
