import FoundationEssentials

/// Compares clocks through the `Date` of HTTP answers.
///
/// Pure.
enum ClockExamination {
    /// More apart than this and times in logs, journeys and statistics mislead; HTTP dates have whole seconds.
    static let tolerance = 3.0

    /// Judges one server's clock.
    ///
    /// - Parameters:
    ///   - name: Whose clock.
    ///   - date: An IMF-fixdate, RFC 9110 section 5.6.7.
    ///   - now: This machine's clock.
    /// - Returns: Nil where the server says no date.
    static func finding(_ name: String, date: String?, now: Date) -> Finding? {
        guard let date, let theirs = parse(date) else { return nil }
        let check = "clock of \(name)"
        let difference = theirs.timeIntervalSince(now)
        guard abs(difference) > tolerance else {
            return .ok(check, "agrees with this machine's")
        }
        let seconds = Int(abs(difference).rounded())
        return .warning(
            check,
            "\(seconds) s \(difference > 0 ? "ahead of" : "behind") this machine's",
            remedy: "synchronise both with NTP"
        )
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func parse(_ text: String) -> Date? {
        let parts = text.split(whereSeparator: { " :".contains($0) })
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 8, parts[7] == "GMT", let day = Int(parts[1]),
            let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
            let hour = Int(parts[4]), let minute = Int(parts[5]), let second = Int(parts[6])
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        guard let zone = TimeZone(secondsFromGMT: 0) else { return nil }
        calendar.timeZone = zone
        let components = DateComponents(
            year: year,
            month: month + 1,
            day: day,
            hour: hour,
            minute: minute,
            second: second
        )
        return calendar.date(from: components)
    }
}
