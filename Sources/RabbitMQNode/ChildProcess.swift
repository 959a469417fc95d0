import Glibc
import Subprocess

/// One program started by this one, in a session of its own.
///
/// A signal from the terminal does not reach it, inherited descriptors are closed in it, and it is reaped as soon as
/// it ends. Any task may use it; nothing here blocks a thread.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum Exit: Equatable, Sendable, CustomStringConvertible {
        /// It exited by itself.
        case code(Int32)
        /// A signal ended it.
        case signal(Int32)

        /// "exit code 1" or "signal 9".
        public var description: String {
            switch self {
            case .code(let code): "exit code \(code)"
            case .signal(let signal): "signal \(signal)"
            }
        }
    }

    /// The process id, which is also its process group and session.
    public let pid: Int32

    private let ended: Announced<Exit>

    private init(pid: Int32, ended: Announced<Exit>) {
        self.pid = pid
        self.ended = ended
    }

    /// Starts a program.
    ///
    /// - Throws: ``NodeError`` of kind `cannotStart`; then no process exists.
    public static func start(_ command: ChildCommand) async throws(NodeError) -> ChildProcess {
        let started = Announced<Result<Int32, NodeError>>()
        let ended = Announced<Exit>()
        // Unstructured because the process outlives the call that starts it; the task ends with the process.
        Task {
            do {
                let status = try await command.run { started.announce(.success($0)) }
                ended.announce(status)
            } catch {
                let failure = NodeError(.cannotStart, "\(command.executable): \(error)")
                started.announce(.failure(failure))
                ended.announce(.code(127))
            }
        }
        // Unstructured because a cancelled caller must still learn the pid of what it started.
        let outcome = await Task { await started.value() }.value
        guard let outcome else { throw NodeError(.cannotStart, "\(command.executable): cancelled") }
        return ChildProcess(pid: try outcome.get(), ended: ended)
    }

    /// How it ended, `nil` while it runs.
    public var exit: Exit? { ended.current }

    /// Whether it still runs.
    public var isRunning: Bool { exit == nil }

    /// Waits until it has ended.
    ///
    /// - Returns: How it ended, or `nil` when the waiting task was cancelled.
    public func waitForExit() async -> Exit? {
        await ended.value()
    }

    /// Waits at most for `duration` until it has ended.
    public func waitForExit(within duration: Duration) async -> Exit? {
        await ended.value(within: duration)
    }

    /// Sends a signal to the process; to one that has ended, nothing.
    public func send(_ signal: Int32) {
        guard isRunning else { return }
        _ = Glibc.kill(pid, signal)
    }

    /// Sends a signal to the whole process group, which may outlive the process itself.
    public func sendToGroup(_ signal: Int32) {
        _ = Glibc.kill(-pid, signal)
    }

    /// Ends the process: SIGTERM, and SIGKILL to its whole group once `grace` is over.
    ///
    /// On return neither the process nor anything in its group runs.
    @discardableResult
    public func stop(within grace: Duration) async -> Exit {
        send(SIGTERM)
        if let exit = await waitForExit(within: grace) {
            sendToGroup(SIGKILL)
            return exit
        }
        return await kill()
    }

    /// Ends the process and its group with SIGKILL.
    @discardableResult
    public func kill() async -> Exit {
        sendToGroup(SIGKILL)
        // Not abandoned on cancellation: SIGKILL is answered by the kernel, at once.
        let ended = ended
        // Unstructured because the wait must survive the caller's cancellation.
        return await Task { await ended.value() }.value ?? .signal(SIGKILL)
    }
}
