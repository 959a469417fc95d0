import Synchronization

/// The way from a commit to the relay: takes new orders in, in the order of their commits, and wakes the relay.
final class OutboxFeed: Sendable {
    private let machine = Mutex(OutboxMachine())
    /// One wake is enough however many facts came, since the relay asks until there is nothing to do.
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init() {
        wake.yield()
    }

    /// Notes a new order.
    ///
    /// Any thread; a short lock.
    func committed(_ order: Order) {
        report { $0.committed(order) }
    }

    /// Tells the machine a fact and has the relay look again.
    func report(_ fact: (inout OutboxMachine) -> Void) {
        machine.withLock { fact(&$0) }
        wake.yield()
    }

    /// The next thing to do, or nothing until the next wake.
    func next() -> OutboxMachine.Action? {
        machine.withLock { $0.next() }
    }

    /// Wakes, for one listener: the relay.
    var changes: AsyncStream<Void> { wakes }

    /// The failure that publishing has not recovered from yet.
    var fault: OutboxMachine.Fault? {
        machine.withLock { $0.fault }
    }
}
