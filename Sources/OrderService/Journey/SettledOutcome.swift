import Database
import OrderEvents
import WorkQueue

/// What a service had decided about an event before it got the same event again.
///
/// A repeat, be it a redelivery or a replay, tells that the effect is there, not that it came about then: the service
/// may say no more than `done`, also of an event that it rejected. So the first decision stands, with its time and its
/// detail.
struct SettledOutcome {
    private let attempt: Int64
    private let state: Outcome.State
    private let at: Int64
    private let detail: String?
    /// When the service last came to no decision.
    private let unsettled: Int64?

    /// Finds the decision that an outcome repeats: that of the same attempt and state, else one in the same words, else
    /// the latest one where the outcome says no more than `done`.
    ///
    /// Nil where the outcome is news.
    init?(
        _ outcome: Outcome,
        of service: String,
        about order: String,
        in transaction: Transaction
    ) throws {
        guard outcome.state == .done || outcome.state == .rejected else { return nil }
        let rows = try transaction.query(
            JourneySchema.settled,
            [.text(order), .text(service), .text(outcome.eventID)]
        )
        let isBare = outcome.state == .done && outcome.detail == nil
        let same = try rows.first {
            try $0.integer("attempt") == Int64(outcome.attempt) && $0.text("state") == outcome.state.rawValue
        }
        let alike = try rows.first {
            try $0.text("state") == outcome.state.rawValue && $0.textIfPresent("detail") == outcome.detail
        }
        guard let row = same ?? alike ?? (isBare ? rows.first : nil),
            let state = Outcome.State(rawValue: try row.text("state"))
        else { return nil }
        self.state = state
        attempt = try row.integer("attempt")
        at = try row.integer("at_ms")
        detail = try row.textIfPresent("detail")
        unsettled = try row.integerIfPresent("unsettled_ms")
    }

    /// Takes note of the repeat.
    ///
    /// A detail that was missing is added. Where the service has tried in vain since, the decision counts from the
    /// repeat on, so that a journey does not end with an attempt that is over.
    ///
    /// - Returns: Whether the decision has a new number; false where nothing changed.
    func renew(
        after outcome: Outcome,
        of service: String,
        about order: String,
        in transaction: Transaction
    ) throws -> Bool {
        let isRenewed = unsettled.map { at < $0 && $0 <= outcome.at } ?? false
        let detail = detail ?? outcome.detail
        guard isRenewed || detail != self.detail else { return false }
        let moment = isRenewed ? outcome.at : at
        let values: [SQLValue] = [
            .text(order), .text(service), .text(outcome.eventID), .integer(attempt), .text(state.rawValue),
            .integer(moment), .text(ifPresent: detail),
        ]
        return try transaction.execute(JourneySchema.renew, values) > 0
    }
}
