import Synchronization

/// Waits for work, but only so long.
public enum Patience {
    /// Runs the work and returns its result, or nil when the time is up first.
    ///
    /// The work is cancelled then, but not waited for: work that ignores cancellation goes on unobserved.
    ///
    /// - Parameters:
    ///   - limit: The longest wait.
    ///   - work: Begins at once, in a task of its own.
    /// - Returns: What the work returned; nil after the limit, and when the calling task is cancelled. The work may be
    ///   done or not then.
    public static func wait<Result: Sendable>(
        _ limit: Duration,
        for work: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let race = Race<Result>()
        // Unstructured because a structured child would be waited for, whether or not it heeds cancellation.
        let worker = Task { race.finish(await work()) }
        // Unstructured because it must end with the race, not with the scope.
        let clock = Task {
            try? await Task.sleep(for: limit)
            race.finish(nil)
        }
        let result = await withTaskCancellationHandler {
            await race.result()
        } onCancel: {
            race.finish(nil)
        }
        worker.cancel()
        clock.cancel()
        return result
    }
}

/// The first result wins; there is exactly one waiter.
private final class Race<Result: Sendable>: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<Result?, Never>)
        case over(Result?)
    }

    private let state = Mutex(State.running)

    func finish(_ result: Result?) {
        let waiter: CheckedContinuation<Result?, Never>? = state.withLock { state in
            switch state {
            case .running:
                state = .over(result)
                return nil
            case .awaited(let waiter):
                state = .over(result)
                return waiter
            case .over:
                return nil
            }
        }
        waiter?.resume(returning: result)
    }

    func result() async -> Result? {
        await withCheckedContinuation { continuation in
            let early: Result?? = state.withLock { state in
                if case .over(let result) = state { return .some(result) }
                state = .awaited(continuation)
                return .none
            }
            if let early { continuation.resume(returning: early) }
        }
    }
}
