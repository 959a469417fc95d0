internal import DequeModule
internal import Synchronization

/// Hands deliveries from the connection's thread to the tasks that handle them, in batches.
///
/// Bounded by prefetch: the broker sends no more before something is settled.
final class DeliveryBuffer: Sendable {
    private struct Contents {
        var waiting: Deque<Delivery> = []
        var takers: [(id: UInt64, limit: Int, continuation: CheckedContinuation<[Delivery]?, Never>)] = []
        var lastTaker: UInt64 = 0
        /// As many wait where nobody is at work.
        var mostTakers = 0
        var spread = SpreadPolicy()
        /// Whether each who is woken wakes the next.
        var isSpreading = true
        /// Counts who took something, to see whether the one at work comes on.
        var takes: UInt64 = 0
        var takesSeen: UInt64 = 0
        var isFinished = false

        /// Whether what waits could be begun by somebody who is not at work.
        var isLeft: Bool { !waiting.isEmpty && !takers.isEmpty }
        var isAnyoneAtWork: Bool { takers.count < mostTakers }

        /// Hands out the oldest, at a cost that does not grow with what waits behind them.
        mutating func take(_ limit: Int) -> [Delivery] {
            let count = min(limit, waiting.count)
            takes &+= 1
            return (0..<count).map { _ in waiting.removeFirst() }
        }
    }

    private let contents = Mutex(Contents())

    /// Adds what arrived in one turn, and wakes one who waits for it.
    ///
    /// That one wakes the next before it begins, and so on while something waits. Where handlers are quick, the first two
    /// or three find all of it; where they wait for something, each gets its share in a moment. Where they are known to be
    /// quick, nobody is woken beside the one who is at work.
    ///
    /// - Parameter deliveries: What arrived; empty afterwards, with room for the next turn's.
    /// - Returns: Whether some of it is left to the one who is at work: then look after it with ``relieve()``.
    func append(_ deliveries: inout Deque<Delivery>) -> Bool {
        let isLeft = handOver { contents in
            // Where all was taken, the lock is held for no copy.
            if contents.waiting.isEmpty {
                swap(&contents.waiting, &deliveries)
            } else {
                contents.waiting.append(contentsOf: deliveries)
            }
            contents.isSpreading = !contents.spread.isNarrow
            return contents.isSpreading || !contents.isAnyoneAtWork
        }
        deliveries.removeAll(keepingCapacity: true)
        return isLeft
    }

    /// Wakes another where the one at work has not come on since the last call, or is not known to be quick any more.
    ///
    /// - Returns: Whether something is left still.
    func relieve() -> Bool {
        handOver { contents in
            defer { contents.takesSeen = contents.takes }
            contents.isSpreading = !contents.spread.isNarrow
            return contents.isSpreading || contents.takes == contents.takesSeen
        }
    }

    /// Wakes one who waits, with its share, where the condition holds.
    /// - Returns: Whether something is left to those who are at work, although somebody else could begin it.
    @discardableResult
    private func handOver(where condition: (inout Contents) -> Bool) -> Bool {
        let (handover, isLeft) = contents.withLock {
            contents -> ((CheckedContinuation<[Delivery]?, Never>, [Delivery])?, Bool) in
            guard condition(&contents), contents.isLeft else {
                return (nil, contents.isLeft && !contents.isSpreading)
            }
            // A fair share for each that waits, so that one task does not queue work which another could begin.
            let share = (contents.waiting.count + contents.takers.count - 1) / contents.takers.count
            let taker = contents.takers.removeFirst()
            let batch = contents.take(min(share, taker.limit))
            return ((taker.continuation, batch), contents.isLeft && !contents.isSpreading)
        }
        if let (continuation, batch) = handover { continuation.resume(returning: batch) }
        return isLeft
    }

    /// Forgets what nobody has taken: the broker has requeued it.
    func discard() {
        contents.withLock { $0.waiting = [] }
    }

    /// No more will come; what is here can still be taken.
    func finish() {
        let takers = contents.withLock { contents in
            contents.isFinished = true
            defer { contents.takers = [] }
            return contents.takers
        }
        for taker in takers { taker.continuation.resume(returning: nil) }
    }

    /// How many wait for something now, for tests.
    var waitingTakers: Int { contents.withLock { $0.takers.count } }

    /// Takes the oldest delivery without waiting for one.
    /// - Parameter handling: How long the one before took, `nil` where that is not known.
    /// - Returns: `nil` where none waits.
    func takeFirst(after handling: Duration? = nil) -> Delivery? {
        contents.withLock { contents in
            if let handling { contents.spread.handled(in: handling) }
            contents.takes &+= 1
            return contents.waiting.popFirst()
        }
    }

    /// Takes up to `limit` deliveries, waiting for the first.
    /// - Returns: `nil` after the end, or when the calling task is cancelled.
    func take(upTo limit: Int) async -> [Delivery]? {
        let (ready, id): ([Delivery]?, UInt64) = contents.withLock { contents in
            if !contents.waiting.isEmpty { return (contents.take(limit), 0) }
            contents.lastTaker += 1
            return (nil, contents.lastTaker)
        }
        if let ready { return ready }
        let batch = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: [Delivery]?? = contents.withLock { contents in
                    if !contents.waiting.isEmpty { return .some(contents.take(limit)) }
                    if contents.isFinished || Task.isCancelled { return .some(nil) }
                    contents.takers.append((id, limit, continuation))
                    contents.mostTakers = max(contents.mostTakers, contents.takers.count)
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let taker = contents.withLock { contents in
                contents.takers.firstIndex { $0.id == id }.map { contents.takers.remove(at: $0) }
            }
            taker?.continuation.resume(returning: nil)
        }
        handOver { $0.isSpreading }
        return batch
    }
}
