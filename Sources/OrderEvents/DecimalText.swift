/// Reads numbers written in decimal exactly, by moving digits and never by rounding.
public enum DecimalText {
    /// Reads a number as a count of its smallest unit.
    ///
    /// Judged by value, not by spelling: with two decimals `999.990` and `9.9999e2` are 99 999, and `-0` is 0.
    ///
    /// - Parameters:
    ///   - text: A number as JSON writes it: `-12.5`, `1e2`. No blanks, no plus sign, no leading zeros.
    ///   - decimals: How fine the unit is: 2 for cents, 0 for an integer.
    /// - Returns: The value times ten to the power of `decimals`.
    /// - Throws: ``Money/ParseError``; nothing is ever rounded.
    public static func parse(
        _ text: some StringProtocol,
        decimals: Int
    ) throws(Money.ParseError) -> Int64 {
        var reader = NumberReader(text.utf8.makeIterator(), decimals: decimals)
        return try reader.read()
    }
}

extension Money {
    /// Reads an amount exactly.
    ///
    /// - Parameter text: A number as JSON writes it.
    /// - Returns: Exactly the amount written.
    /// - Throws: ``ParseError``; `0.001` is too precise rather than rounded.
    public static func parse(_ text: some StringProtocol) throws(ParseError) -> Money {
        Money(minorUnits: try DecimalText.parse(text, decimals: 2))
    }
}

/// Reads one JSON number into digits and a power of ten.
private struct NumberReader<Bytes: IteratorProtocol<UInt8>> {
    /// Stops the exponent itself from overflowing; 64 KiB of digits cannot cancel as much.
    private static var exponentLimit: Int { 1_000_000 }

    private let decimals: Int
    private var rest: Bytes
    private var next: UInt8?
    /// The digits so far, without the zeros pending below; nothing once they no longer fit.
    private var digits: Int64? = 0
    /// Zeros seen after the last other digit: they count only when another digit follows.
    private var pendingZeros = 0

    init(_ rest: Bytes, decimals: Int) {
        self.decimals = decimals
        self.rest = rest
        next = self.rest.next()
    }

    mutating func read() throws(Money.ParseError) -> Int64 {
        let isNegative = take(UInt8(ascii: "-"))
        let hasLeadingZero = next == UInt8(ascii: "0")
        let integerDigits = readDigits()
        guard integerDigits > 0, integerDigits == 1 || !hasLeadingZero else { throw .notANumber }

        var power = decimals
        if take(UInt8(ascii: ".")) {
            let fraction = readDigits()
            guard fraction > 0 else { throw .notANumber }
            power -= fraction
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            power += try readExponent()
        }
        guard next == nil else { throw .notANumber }
        guard digits != 0 else { return 0 }

        power += pendingZeros
        guard power >= 0 else { throw .tooPrecise }
        guard let value = digits.flatMap({ Self.shift($0, by: power) }) else { throw .outOfRange }
        return isNegative ? -value : value
    }

    /// Appends zeros; nothing when the value no longer fits.
    private static func shift(_ value: Int64, by power: Int) -> Int64? {
        // 10^19 exceeds Int64, so nothing but zero survives a longer shift.
        guard value != 0 else { return 0 }
        guard power <= 18 else { return nil }
        var shifted = value
        for _ in 0..<power {
            let (product, overflow) = shifted.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            shifted = product
        }
        return shifted
    }

    /// Reads a run of digits and says how many there were.
    private mutating func readDigits() -> Int {
        var count = 0
        while let byte = next, isDigit(byte) {
            note(Int64(byte - UInt8(ascii: "0")))
            count += 1
            next = rest.next()
        }
        return count
    }

    private mutating func note(_ digit: Int64) {
        guard digit != 0 else {
            // Zeros in front of everything mean nothing.
            if digits != 0 { pendingZeros += 1 }
            return
        }
        digits = digits.flatMap { Self.shift($0, by: pendingZeros + 1) }
            .flatMap { digits in
                let (sum, overflow) = digits.addingReportingOverflow(digit)
                return overflow ? nil : sum
            }
        pendingZeros = 0
    }

    private mutating func readExponent() throws(Money.ParseError) -> Int {
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        guard let first = next, isDigit(first) else { throw .notANumber }
        var value = 0
        while let byte = next, isDigit(byte) {
            value = min(value * 10 + Int(byte - UInt8(ascii: "0")), Self.exponentLimit)
            next = rest.next()
        }
        return isNegative ? -value : value
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        next = rest.next()
        return true
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
