internal import Synchronization

/// Outcomes on their way to whoever publishes them.
///
/// Any thread; short locks. Holds at most ``limit``; what comes then is dropped and counted, for an outcome is news and
/// no effect depends on it.
final class OutcomeBuffer: Sendable {
    /// About 3 MB of the longest outcomes.
    static let limit = 10_000

    private struct State {
        var waiting: [Outcome] = []
        var isFinished = false
    }

    private let state = Mutex(State())
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Takes an outcome in, or says that there is no room.
    func append(_ outcome: Outcome) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard state.waiting.count < Self.limit, !state.isFinished else { return (false, false) }
            state.waiting.append(outcome)
            return (true, state.waiting.count == 1)
        }
        if isFirst { wake.yield() }
        return isTaken
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
