import Synchronization

/// Counts the events that the broker has not confirmed, and keeps their number within the limit.
///
/// Exact while this process is the only one that writes the outbox: read from the table once, kept from then on.
final class OutboxBacklog: Sendable {
    /// Most events that may wait; `outbox.limit`.
    let limit: Int
    private let waiting: Atomic<Int>

    init(limit: Int, waiting: Int) {
        self.limit = limit
        self.waiting = Atomic(waiting)
    }

    /// Events waiting now, those of transactions under way included.
    var count: Int { waiting.load(ordering: .relaxed) }

    var isFull: Bool { count >= limit }

    /// Takes one place, or says that there is none.
    func reserve() -> Bool {
        let (_, taken) = waiting.add(1, ordering: .relaxed)
        guard taken <= limit else {
            waiting.subtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    /// Gives places back: events confirmed, or orders that did not come about.
    func release(_ places: Int = 1) {
        waiting.subtract(places, ordering: .relaxed)
    }
}
