extension DurationText {
    /// The rule that ``parseWithDays(_:)`` asks for, for error messages.
    public static let ruleWithDays = "must be a whole number and a unit: 30m, 12h or 30d"

    /// Reads a duration that may be long: as ``parse(_:)`` does, and whole days.
    ///
    /// - Parameter text: Digits followed by `ms`, `s`, `m`, `h` or `d`; a day is 24 hours.
    /// - Returns: The duration, or nil where the text breaks ``ruleWithDays``.
    public static func parseWithDays(_ text: String) -> Duration? {
        guard text.hasSuffix("d") else { return parse(text) }
        guard let hours = parse("\(text.dropLast())h") else { return nil }
        let (day, overflow) = hours.components.seconds.multipliedReportingOverflow(by: 24)
        return overflow ? nil : .seconds(day)
    }

    /// Writes a duration as ``text(_:)`` does, whole days as days.
    ///
    /// - Parameter duration: Not negative; parts of a millisecond are cut off.
    /// - Returns: Text that ``parseWithDays(_:)`` reads back.
    public static func textWithDays(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard seconds > 0, attoseconds == 0, seconds.isMultiple(of: 86_400) else { return text(duration) }
        return "\(seconds / 86_400)d"
    }
}
