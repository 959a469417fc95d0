internal import CLinux
internal import Confinement

extension ConnectionLoop {
    /// Runs a connection on a thread of its own until it is stopped or the calling task is cancelled.
    ///
    /// The role is made there, and need not be able to leave it. Where there is no thread, everybody who waits is answered
    /// as after a stop.
    /// - Throws: `ConfinedThread.Unavailable`.
    static func runOnThread(
        named name: String,
        _ role: @autoclosure @escaping @Sendable () -> Role,
        _ outside: Surroundings
    ) async throws {
        try await withTaskCancellationHandler {
            do {
                try await ConfinedThread.run(named: name) {
                    // Woken by every few bytes: a broker on the same processor would not come to send the next ones.
                    clinux_batch_thread()
                    var loop = ConnectionLoop(role(), outside)
                    loop.run()
                }
            } catch {
                outside.status.current = .stopped
                for case .role(let command) in outside.mailbox.close() { role().refuse(command) }
                throw error
            }
        } onCancel: {
            _ = outside.mailbox.offer(.stop, isUrgent: true)
        }
    }
}
