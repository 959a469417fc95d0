import OrderEvents
import ServiceKit

/// `GET /stats.json?since=1h&top=10`.
struct StatsPage: Sendable {
    /// Products listed where the question does not say.
    static let usualTop: Int64 = 10

    /// How far back a read of few minutes goes, in milliseconds.
    private static let recent: Int64 = 86_400_000

    let store: TotalsStore
    /// One read of many minutes at a time, and one of few beside it.
    let turns = (long: ReadTurn(), short: ReadTurn())

    /// - Parameter store: Where the figures are.
    init(store: TotalsStore) {
        self.store = store
    }

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
    /// - Throws: `DatabaseError`; ``StatsBusy`` after 2 s behind another question of its kind, which is either for at
    ///   most a day or for more.
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
        let isShort = start.map { now.milliseconds - $0.milliseconds <= Self.recent } ?? false
        let statistics = try await (isShort ? turns.short : turns.long)
            .run { try await store.statistics(since: start, top: limit, now: now) }
        return .json(statistics.json())
    }

    private static func moment(_ text: String, before now: Timestamp) -> Timestamp? {
        guard let duration = DurationText.parseWithDays(text) else { return MomentText.parse(text) }
        let milliseconds = duration / .milliseconds(1)
        // Clamped to 1970, which is before everything.
        return milliseconds < 1e15 ? Timestamp(milliseconds: now.milliseconds - Int64(milliseconds)) : nil
    }
}
