import OrderEvents
import ServiceKit

/// `GET /stats.json?since=1h&top=10`.
struct StatsPage: Sendable {
    /// Products listed where the question does not say.
    static let usualTop: Int64 = 10

    let store: TotalsStore

    /// Serves the page from now on.
    func register(in pages: AdminPages) {
        pages.add("/stats.json") { query in
            try await answer(since: query["since"], top: query["top"])
        }
    }

    /// Answers one question.
    ///
    /// - Parameters:
    ///   - since: A duration before now, or a moment as RFC 3339; nil or empty for everything.
    ///   - top: How many products, 1 to 1000; nil or empty for 10.
    ///   - now: The present moment.
    /// - Returns: The figures as JSON, or what is wrong with the question.
    /// - Throws: `DatabaseError`.
    func answer(since: String?, top: String?, now: Timestamp = .now) async throws -> AdminPages.Answer {
        var start: Timestamp?
        if let since, !since.isEmpty {
            start = Self.moment(since, before: now)
            guard start != nil else {
                return .invalid(
                    "since must be a duration such as 1h or 7d, or a time such as 2026-01-02T03:04:05Z"
                )
            }
        }
        var limit = Self.usualTop
        if let top, !top.isEmpty {
            guard let given = Int64(top), (1...1_000).contains(given) else {
                return .invalid("top must be a whole number from 1 to 1000")
            }
            limit = given
        }
        return .json(try await store.statistics(since: start, top: limit, now: now).json())
    }

    private static func moment(_ text: String, before now: Timestamp) -> Timestamp? {
        guard let duration = DurationText.parseWithDays(text) else { return MomentText.parse(text) }
        let milliseconds = duration / .milliseconds(1)
        // Clamped to 1970, which is before everything.
        return milliseconds < 1e15 ? Timestamp(milliseconds: now.milliseconds - Int64(milliseconds)) : nil
    }
}
