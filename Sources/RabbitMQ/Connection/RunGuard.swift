internal import Confinement
internal import Synchronization

/// Lets `run()` run once, and tells who asks for work whether it does.
final class RunGuard: Sendable {
    private let hasBegun = Mutex(false)

    /// - Throws: `shutDown` from the second call on; a thread's mailbox cannot be opened again.
    func begin() throws(RabbitMQError) {
        let isFirst = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        guard isFirst else { throw RabbitMQError(.shutDown, during: .run, "run() was called before") }
    }

    /// Waits until `run()` was called, as programs start their services side by side.
    ///
    /// After that the owning thread keeps every deadline; before it nobody would, so the wait is kept here.
    /// - Returns: Whether it was called by the deadline.
    func waitUntilBegun(by deadline: Deadline) async -> Bool {
        while !hasBegun.withLock({ $0 }) {
            guard !deadline.isPast(at: .now), (try? await Task.sleep(for: .milliseconds(2))) != nil else {
                return false
            }
        }
        return true
    }
}
