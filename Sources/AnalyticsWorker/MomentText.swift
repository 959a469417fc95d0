import OrderEvents

/// Reads a moment as RFC 3339 writes it.
///
/// Pure. Any offset, any number of decimals; what is finer than a millisecond is cut off.
enum MomentText {
    /// The moment, or nil where the text is none, or lies outside the years 1970 to 9999.
    static func parse(_ text: String) -> Timestamp? {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let date = reader.date(), reader.take("T") || reader.take("t") || reader.take(" "),
            let time = reader.time(), let offset = reader.offset(), reader.rest.isEmpty
        else { return nil }
        let milliseconds = date * 86_400_000 + time - offset
        guard milliseconds >= 0, milliseconds <= 253_402_300_799_999 else { return nil }
        return Timestamp(milliseconds: milliseconds)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// Exactly so many digits, as a number within the range.
        mutating func number(_ width: Int, _ range: ClosedRange<Int64>) -> Int64? {
            let digits = rest.prefix(width)
            guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(width)
            let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
            return range.contains(value) ? value : nil
        }

        /// Days since 1970.
        mutating func date() -> Int64? {
            guard let year = number(4, 1...9_999), take("-"), let month = number(2, 1...12), take("-"),
                let day = number(2, 1...Self.days(of: month, in: year))
            else { return nil }
            return Self.days(year, month, day)
        }

        /// Milliseconds since midnight; a leap second is the next minute's first.
        mutating func time() -> Int64? {
            guard let hour = number(2, 0...23), take(":"), let minute = number(2, 0...59), take(":"),
                let second = number(2, 0...60)
            else { return nil }
            var thousandths: Int64 = 0
            if take(".") {
                let digits = rest.prefix { (0x30...0x39).contains($0) }
                guard !digits.isEmpty else { return nil }
                rest = rest.dropFirst(digits.count)
                for index in 0..<3 {
                    let digit = digits.dropFirst(index).first ?? 0x30
                    thousandths = thousandths * 10 + Int64(digit - 0x30)
                }
            }
            return ((hour * 60 + minute) * 60 + second) * 1_000 + thousandths
        }

        /// How far ahead of UTC, in milliseconds.
        mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let isBehind = take("-")
            guard isBehind || take("+"), let hours = number(2, 0...23), take(":"),
                let minutes = number(2, 0...59)
            else { return nil }
            return (hours * 60 + minutes) * (isBehind ? -60_000 : 60_000)
        }

        private static func days(of month: Int64, in year: Int64) -> Int64 {
            switch month {
            case 2:
                year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }

        /// Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is the last.
        private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
            let year = month <= 2 ? year - 1 : year
            let yearOfEra = year % 400
            let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
            return year / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
                - 719_468
        }
    }
}
