import FoundationEssentials

/// A moment in UTC, to the millisecond.
///
/// Good for the years 1970 to 9999, which is what ``text`` can write.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z, not counting leap seconds.
    public let milliseconds: Int64

    /// Wraps a count of milliseconds.
    /// - Parameter milliseconds: Since 1970; clamped to the years 1970 to 9999.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, 0), 253_402_300_799_999)
    }

    /// The wall clock's present moment.
    public static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }

    /// Whole seconds since 1970, as AMQP's `timestamp` property counts.
    public var seconds: UInt64 {
        UInt64(milliseconds / 1_000)
    }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment as RFC 3339 with milliseconds: `2026-01-02T03:04:05.678Z`, always 24 characters.
    public var text: String {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let date = Self.civilDate(ofDay: days)
        let (seconds, thousandths) = rest.quotientAndRemainder(dividingBy: 1_000)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        for (value, width, separator) in [
            (date.year, 4, "-"), (date.month, 2, "-"), (date.day, 2, "T"),
            (seconds / 3_600, 2, ":"), (seconds / 60 % 60, 2, ":"), (seconds % 60, 2, "."),
            (thousandths, 3, "Z"),
        ] as [(Int64, Int, Unicode.Scalar)] {
            append(value, width: width, to: &bytes)
            bytes.append(UInt8(ascii: separator))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(_ value: Int64, width: Int, to bytes: inout [UInt8]) {
        var divisor: Int64 = (1..<width).reduce(1) { power, _ in power * 10 }
        for _ in 0..<width {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// The Gregorian date of a day counted from 1970-01-01.
    ///
    /// Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is the last.
    private static func civilDate(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfMonth)
    }
}
