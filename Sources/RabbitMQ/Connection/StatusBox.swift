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
    private let epoch = Mutex<UInt32>(1)

    var current: UInt32 {
        get { epoch.withLock { $0 } }
        set { epoch.withLock { $0 = newValue } }
    }
}

/// How often a consumer began again because nothing was delivered; written by its thread and read by anybody.
final class DeafnessCounter: Sendable {
    private let number = Mutex(0)

    var current: Int { number.withLock { $0 } }

    func increment() { number.withLock { $0 += 1 } }
}
