/// Reads and writes durations the way settings spell them: `250ms`, `5s`, `2m`, `1h`.
///
/// Pure. A duration is one whole number and one unit; nothing is rounded, and nothing overflows silently.
public enum DurationText {
    /// The rule a text must obey, for error messages.
    public static let rule = "must be a whole number and a unit: 250ms, 5s, 2m or 1h"

    /// Units from the largest to the smallest, so that writing picks the largest that fits.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Reads one duration.
    ///
    /// - Parameter text: Digits followed by `ms`, `s`, `m` or `h`, without blanks or sign.
    /// - Returns: The duration, or nil where the text breaks ``rule`` or is longer than 2⁶³ milliseconds.
    public static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        guard let unit = units.first(where: { $0.name == text.dropFirst(digits.count) }) else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// Reads a comma-separated list of durations; blanks around the commas are ignored.
    ///
    /// - Parameter text: For example `1s,5s,30s`. An empty text is an empty list.
    /// - Returns: The durations in order, or nil where one of them breaks ``rule``.
    public static func parseList(_ text: String) -> [Duration]? {
        guard !text.isEmpty else { return [] }
        var durations: [Duration] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let duration = parse(part.trimmed) else { return nil }
            durations.append(duration)
        }
        return durations
    }

    /// Writes a duration in the largest unit that keeps it whole: 90 s is `90s`, 120 s is `2m`.
    ///
    /// - Parameter duration: Not negative; parts of a millisecond are cut off.
    /// - Returns: Text that ``parse(_:)`` reads back.
    public static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return "0s" }
        for unit in units where milliseconds.isMultiple(of: unit.milliseconds) {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}

extension StringProtocol {
    /// The text without blanks at either end.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}
