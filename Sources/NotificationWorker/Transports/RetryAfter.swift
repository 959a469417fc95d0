import OrderEvents

/// The header `Retry-After`.
///
/// Pure. Source: RFC 9110 sections 10.2.3 and 5.6.7.
enum RetryAfter {
    /// Nobody is obeyed for longer.
    static let longest = Duration.seconds(86_400)

    /// Reads seconds, or a date in one of the three forms that HTTP has.
    ///
    /// - Parameters:
    ///   - value: The header's value.
    ///   - now: The present.
    /// - Returns: How long to wait, 0 s to 24 h; nil where the value is none of them.
    static func delay(_ value: String, from now: Timestamp) -> Duration? {
        let text = value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            return min(.seconds(Int64(text) ?? .max / 1_000), longest)
        }
        guard let moment = milliseconds(text, yearNow: now.text.prefix(4)) else { return nil }
        return min(max(.milliseconds(moment - now.milliseconds), .zero), longest)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov 6 08:49:37 1994`.
    private static func milliseconds(_ text: String, yearNow: Substring) -> Int64? {
        var words = text.split { $0 == " " || $0 == "-" || $0 == "," }
        guard words.count >= 5 else { return nil }
        if words.count == 6, words[5] == "GMT" {
            words = [words[1], words[2], words[3], words[4]]
        } else if words.count == 5 {
            words = [words[2], words[1], words[4], words[3]]
        } else {
            return nil
        }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let day = Int64(words[0]), (1...31).contains(day),
            let month = months.firstIndex(of: String(words[1])), var year = Int64(words[2]),
            let time = secondsOfDay(words[3])
        else { return nil }
        if words[2].utf8.count == 2, let current = Int64(yearNow) {
            // More than 50 years ahead means the century before.
            year += current / 100 * 100
            if year > current + 50 { year -= 100 }
        }
        guard (1970...9999).contains(year) else { return nil }
        return (days(year, Int64(month) + 1, day) * 86_400 + time) * 1_000
    }

    private static func secondsOfDay(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    /// Days since 1970-01-01: Howard Hinnant's `days_from_civil`; years begin in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
