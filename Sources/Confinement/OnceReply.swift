internal import Synchronization

/// One answer from an owning thread to the one task that waits for it.
///
/// Answering twice is a contradiction of ours and traps; so does dropping the reply unanswered, because somebody
/// would wait for ever. A waiter that is cancelled leaves; the answer it no longer wants is then discarded.
public final class OnceReply<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value?, Never>)
        case answered(Value)
        case abandoned
        case over
    }

    private let state = Mutex(State.open)
    private let operation: StaticString

    /// Creates an unanswered reply.
    /// - Parameter operation: What was asked for; named when the reply is dropped by mistake.
    public init(to operation: StaticString) {
        self.operation = operation
    }

    deinit {
        switch state.withLock({ $0 }) {
        case .open, .awaited: preconditionFailure("\(operation) was never answered")
        case .answered, .abandoned, .over: break
        }
    }

    /// Gives the answer.
    ///
    /// Any thread, exactly once; never blocks beyond a short lock.
    public func answer(_ value: Value) {
        let waiter: CheckedContinuation<Value?, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .answered(value)
                return nil
            case .awaited(let continuation):
                state = .over
                return continuation
            case .abandoned:
                state = .over
                return nil
            case .answered, .over:
                preconditionFailure("\(operation) was answered twice")
            }
        }
        waiter?.resume(returning: value)
    }

    /// Waits for the answer.
    ///
    /// Called once. The waiting itself has no deadline: the owner of the work answers by its deadline at the latest.
    /// - Returns: The answer, or `nil` when this task was cancelled; the work itself then goes on.
    public func value() async -> Value? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Value?? = state.withLock { state in
                    switch state {
                    case .open:
                        state = .awaited(continuation)
                        return nil
                    case .answered(let value):
                        state = .over
                        return .some(value)
                    case .abandoned:
                        return .some(nil)
                    case .awaited, .over:
                        preconditionFailure("\(operation) is awaited twice")
                    }
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Value?, Never>? = state.withLock { state in
                switch state {
                case .awaited(let continuation):
                    state = .abandoned
                    return continuation
                case .open:
                    state = .abandoned
                    return nil
                case .answered, .abandoned, .over:
                    return nil
                }
            }
            waiter?.resume(returning: nil)
        }
    }
}
