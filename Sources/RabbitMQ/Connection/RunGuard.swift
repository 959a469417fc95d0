internal import Synchronization

/// Lets `run()` run once.
final class RunGuard: Sendable {
    private let hasRun = Mutex(false)

    /// - Throws: `shutDown` from the second call on; a thread's mailbox cannot be opened again.
    func begin() throws(RabbitMQError) {
        let isFirst = hasRun.withLock { hasRun in
            defer { hasRun = true }
            return !hasRun
        }
        guard isFirst else { throw RabbitMQError(.shutDown, during: .run, "run() was called before") }
    }
}
