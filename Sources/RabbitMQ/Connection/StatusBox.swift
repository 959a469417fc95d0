internal import Synchronization

/// The present status of a connection, written by its thread and read by anybody.
final class StatusBox: Sendable {
    private let status = Mutex(ConnectionStatus.idle)

    var current: ConnectionStatus {
        get { status.withLock { $0 } }
        set { status.withLock { $0 = newValue } }
    }
}

/// The epoch of a consuming connection's present channel, written by its thread and read by anybody.
final class EpochBox: Sendable {
    private let epoch = Atomic<UInt32>(1)

    var current: UInt32 {
        get { epoch.load(ordering: .acquiring) }
        set { epoch.store(newValue, ordering: .releasing) }
    }
}

/// What became of an idle consumer's questions; written by its thread and read by anybody.
final class DeafnessCounter: Sendable {
    private let numbers = Mutex((answers: 0, resubscriptions: 0))

    /// Questions that were answered.
    var answers: Int { numbers.withLock { $0.answers } }
    /// How often it began again because nothing was delivered.
    var resubscriptions: Int { numbers.withLock { $0.resubscriptions } }

    func answered() { numbers.withLock { $0.answers += 1 } }

    func resubscribed() { numbers.withLock { $0.resubscriptions += 1 } }
}
