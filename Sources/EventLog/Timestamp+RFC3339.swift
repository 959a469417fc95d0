internal import FoundationEssentials
public import OrderEvents

extension Timestamp {
    /// Reads an RFC 3339 time, such as `2026-01-02T03:04:05Z` or `2026-01-02T03:04:05.678+01:00`.
    ///
    /// Finer parts than a millisecond are rounded; nil for anything else.
    public init?(rfc3339 text: String) {
        for hasFraction in [true, false] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction)
            if let date = try? Date(text, strategy: style) {
                self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1_000).rounded()))
                return
            }
        }
        return nil
    }
}
