import Database
import Synchronization

/// Remembers whether orders can be kept, for health checks.
///
/// Asking the database is not enough: a full disk has room for a small write now and then, and lets an empty transaction
/// pass always. So the last failure of an order counts until an order was kept, or small writes went well for
/// ``memory``.
final class WriteStanding: Sendable {
    /// How long an order's failure is told after the last one.
    static let memory = Duration.seconds(5)

    private struct State {
        var order: (error: DatabaseError, at: ContinuousClock.Instant)?
        var small: DatabaseError?
    }

    private let state = Mutex(State())

    /// Why orders cannot be kept at this moment; nil where they can, as far as is known.
    var fault: DatabaseError? {
        state.withLock { $0.small ?? $0.order?.error }
    }

    /// An order was kept, or could not be.
    func noteOrder(_ error: DatabaseError?, at now: ContinuousClock.Instant = .now) {
        guard let error else { return state.withLock { $0 = State() } }
        guard error.isOutage else { return }
        state.withLock { $0.order = (error, now) }
    }

    /// A small write of this program's own succeeded or failed; there is one about every second.
    func noteSmallWrite(_ error: DatabaseError?, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.small = error.flatMap { $0.isOutage ? $0 : nil }
            guard error == nil, let order = state.order, order.at.duration(to: now) >= Self.memory else {
                return
            }
            state.order = nil
        }
    }
}
