import FoundationEssentials

/// Moments as the headers write them: RFC 3339 in UTC with milliseconds.
enum Clock {
    static var now: String {
        text(.now)
    }

    static func text(secondsSince1970 seconds: UInt64) -> String {
        text(Date(timeIntervalSince1970: Double(min(seconds, 253_402_300_799))))
    }

    private static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
