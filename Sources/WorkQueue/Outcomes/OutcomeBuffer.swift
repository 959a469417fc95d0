internal import Synchronization

/// Outcomes on their way to whoever publishes them.
///
/// Any thread; short locks. Holds at most ``limit``; then the oldest are dropped, for an outcome is news, no effect
/// depends on it, and the last word about an event matters more than the first.
final class OutcomeBuffer: Sendable {
    /// About 3 MB of the longest outcomes.
    static let limit = 10_000

    private struct State {
        var waiting: [Outcome] = []
        var isFinished = false
    }

    private let state = Mutex(State())
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Dropped at once when there is no room, so that making room is rare.
    static let drop = 256

    /// Takes an outcome in, unless ``finish()`` was called.
    ///
    /// - Returns: How many were dropped for it, itself included.
    func append(_ outcome: Outcome) -> Int {
        let (lost, isFirst) = state.withLock { state in
            guard !state.isFinished else { return (1, false) }
            var lost = 0
            if state.waiting.count >= Self.limit {
                lost = Self.drop
                state.waiting.removeFirst(lost)
            }
            state.waiting.append(outcome)
            return (lost, state.waiting.count == 1)
        }
        if isFirst { wake.yield() }
        return lost
    }

    /// Hands out the oldest, at most `limit`.
    func take(upTo limit: Int) -> [Outcome] {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Takes nothing more in; whoever waits for ``arrivals`` is told.
    func finish() {
        state.withLock { $0.isFinished = true }
        wake.finish()
    }

    /// Yields when there is something to take; for one reader.
    var arrivals: AsyncStream<Void> { wakes }
}
