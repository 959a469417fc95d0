import FoundationEssentials

/// Moments as the headers write them: RFC 3339 in UTC with milliseconds.
enum Clock {
    static var now: String {
        text(Date.now)
    }

    /// Milliseconds since 1970.
    static var milliseconds: Int64 {
        Int64(Date.now.timeIntervalSince1970 * 1_000)
    }

    static func text(secondsSince1970 seconds: UInt64) -> String {
        text(Date(timeIntervalSince1970: Double(min(seconds, 253_402_300_799))))
    }

    static func text(milliseconds: Int64) -> String {
        text(Date(timeIntervalSince1970: Double(milliseconds) / 1_000))
    }

    private static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
