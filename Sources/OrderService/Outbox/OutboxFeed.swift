import Synchronization

/// The way from a commit to the relay: takes new orders in, in the order of their commits, and wakes the relay.
final class OutboxFeed: Sendable {
    private struct State {
        var machine: OutboxMachine
        /// When this process may publish no longer; nil where it stands by, or is the only one.
        var limit: ContinuousClock.Instant?
    }

    private let state: Mutex<State>
    /// One wake is enough however many facts came, since the relay asks until there is nothing to do.
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Creates a feed without orders.
    ///
    /// - Parameter isAlone: Whether nobody else publishes from the same table; else an ``OutboxLease`` must say when.
    init(isAlone: Bool = true) {
        state = Mutex(State(machine: OutboxMachine(isAlone: isAlone)))
        wake.yield()
    }

    /// Notes a new order of this process.
    ///
    /// Any thread; a short lock.
    /// - Parameters:
    ///   - order: Committed.
    ///   - predecessor: The newest order of the table before it.
    func committed(_ order: Order, after predecessor: String?) {
        report { $0.committed(order, after: predecessor) }
    }

    /// Notes whether this process publishes.
    func report(_ standing: LeaseMachine.Standing) {
        state.withLock { state in
            switch standing {
            case .leading(let until):
                state.limit = until
                state.machine.promoted()
            case .standingBy:
                state.limit = nil
                state.machine.demoted()
            }
        }
        wake.yield()
    }

    /// Tells the machine a fact and has the relay look again.
    func report(_ fact: (inout OutboxMachine) -> Void) {
        state.withLock { fact(&$0.machine) }
        wake.yield()
    }

    /// The next thing to do, or nothing until the next wake.
    func next() -> OutboxMachine.Action? {
        let now = ContinuousClock.now
        return state.withLock { state in
            // A lease that could not be renewed in time, as in a process that stood still, may be another's by now.
            if let limit = state.limit, now >= limit {
                state.limit = nil
                state.machine.demoted()
            }
            return state.machine.next()
        }
    }

    /// Wakes, for one listener: the relay.
    var changes: AsyncStream<Void> { wakes }

    /// The failure that publishing has not recovered from yet.
    var fault: OutboxMachine.Fault? {
        state.withLock { $0.machine.fault }
    }
}
