internal import Confinement

/// Notices a subscription to which nothing is delivered although messages wait.
///
/// Pure. While somebody listens, has nothing in hand and nothing comes, the queue is asked how many messages are ready.
/// Some twice in a row, with nothing delivered in between, means that the broker has forgotten the subscription; no
/// answer until the next question would be due means the same.
///
///     listening ── interval ──▶ asked ── none ready ──▶ listening
///         ▲                       │ some ready
///      delivery                   ▼
///         └──────────────────── doubting ── interval ──▶ asked ── some ready ──▶ deaf
struct DeafnessMachine {
    enum Action: Equatable {
        case none
        /// Ask the queue, then tell ``answered(ready:)``.
        case ask
        /// Begin again with another connection.
        case startOver
    }

    /// How long nothing comes before the queue is asked.
    let interval: Duration
    /// When the queue is asked, or its answer is overdue; `nil` while nobody listens.
    private var due: Deadline?
    private var isAsked = false
    /// Answers in a row that told of messages which did not come.
    private var doubts = 0

    init(interval: Duration) {
        self.interval = interval
    }

    /// Answers in a row that are enough.
    private static let certainty = 2

    /// When to call ``action(at:)`` at the latest.
    var nextDeadline: Deadline? { due }

    /// Something was delivered, or is in hand, or nobody listens: what was seen so far means nothing.
    mutating func rest() {
        due = nil
        doubts = 0
        // An answer that is still to come may be taken for that of the next question: one alone decides nothing.
        isAsked = false
    }

    /// Somebody listens and has nothing in hand.
    mutating func listens(at now: Deadline) {
        if due == nil { due = now.advanced(by: interval) }
    }

    /// The queue told how many messages are ready for delivery.
    mutating func answered(ready: UInt32) {
        guard isAsked else { return }
        isAsked = false
        doubts = ready > 0 ? doubts + 1 : 0
    }

    /// What the passing of time asks for.
    mutating func action(at now: Deadline) -> Action {
        if doubts >= Self.certainty { return .startOver }
        guard let due, due.isPast(at: now) else { return .none }
        guard !isAsked else { return .startOver }
        isAsked = true
        self.due = now.advanced(by: interval)
        return .ask
    }
}
