/// Cuts an expression into tokens, one at a time, from left to right.
struct Lexer {
    let expression: String
    private let characters: [Character]
    private var index = 0

    init(_ expression: String) {
        self.expression = expression
        characters = Array(expression)
    }

    /// The next token; after the last one `end`, as often as asked.
    mutating func next() throws(FilterError) -> Token {
        while index < characters.count, characters[index].isWhitespace { index += 1 }
        let start = index
        guard index < characters.count else { return token(.end, from: start) }
        let character = characters[index]
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
        while index < characters.count,
            Self.beginsName(characters[index]) || Self.isDigit(characters[index])
        {
            index += 1
        }
        return token(.name(String(characters[start..<index])), from: start)
    }

    private mutating func number() throws(FilterError) -> Token {
        let start = index
        if characters[index] == "-" { index += 1 }
        skipDigits()
        if index < characters.count, characters[index] == "." {
            index += 1
            guard isDigit(at: index) else {
                throw error(at: index, expected: "a digit after the decimal point")
            }
            skipDigits()
        }
        guard index == characters.count || !Self.beginsName(characters[index]) else {
            let isExponent = "eE".contains(characters[index])
            throw error(
                at: index,
                expected: "the end of the number",
                isExponent ? "write all its digits" : nil
            )
        }
        return token(.number(ExactDecimal(String(characters[start..<index]))), from: start)
    }

    private mutating func text() throws(FilterError) -> Token {
        let start = index
        var content = ""
        index += 1
        while index < characters.count {
            let character = characters[index]
            switch character {
            case "\"":
                index += 1
                return token(.text(content), from: start)
            case "\\":
                content.unicodeScalars.append(try escape())
            default:
                content.append(character)
                index += 1
            }
        }
        throw FilterError(
            expression: expression,
            column: start + 1,
            expected: "text that ends with \"",
            found: "no second \" up to the end",
            suggestion: nil
        )
    }

    /// Reads one escape, as JSON writes them.
    private mutating func escape() throws(FilterError) -> Unicode.Scalar {
        let start = index
        let plain: [Character: Unicode.Scalar] = [
            "\"": "\"", "\\": "\\", "/": "/", "n": "\n", "r": "\r", "t": "\t", "b": "\u{8}", "f": "\u{C}",
        ]
        if index + 1 < characters.count, let scalar = plain[characters[index + 1]] {
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
        let written = String(characters[start..<min(start + 2, characters.count)])
        throw FilterError(
            expression: expression,
            column: start + 1,
            expected: #"one of \" \\ \/ \b \f \n \r \t \u0041"#,
            found: FilterError.shown(written),
            suggestion: nil
        )
    }

    /// The number behind `\u`, if it is there with four digits.
    private func hexadecimal(at start: Int) -> UInt32? {
        guard start + 6 <= characters.count, characters[start] == "\\", characters[start + 1] == "u" else {
            return nil
        }
        let digits = characters[(start + 2)..<(start + 6)]
        guard digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        return UInt32(String(digits), radix: 16)
    }

    private mutating func skipDigits() {
        while isDigit(at: index) { index += 1 }
    }

    private func isDigit(at index: Int) -> Bool {
        index < characters.count && Self.isDigit(characters[index])
    }

    private func matches(_ symbol: String) -> Bool {
        characters[index...].starts(with: symbol)
    }

    private func token(_ kind: Token.Kind, from start: Int) -> Token {
        Token(kind: kind, column: start + 1, written: String(characters[start..<index]))
    }

    private func error(at index: Int, expected: String, _ suggestion: String? = nil) -> FilterError {
        FilterError(
            expression: expression,
            column: index + 1,
            expected: expected,
            found: index < characters.count ? FilterError.shown(String(characters[index])) : "the end",
            suggestion: suggestion
        )
    }

    private static func beginsName(_ character: Character) -> Bool { character.isLetter || character == "_" }
    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}
