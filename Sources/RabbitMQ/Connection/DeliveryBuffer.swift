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
        /// Deliveries that were taken.
        var taken: UInt64 = 0
        /// So many will have been taken once the one at work has come on; `nil` where nothing is left to it.
        var expected: UInt64?
        var isFinished = false

        var isAnyoneAtWork: Bool { takers.count < mostTakers }
        /// Whether what waits could be begun by somebody who is not at work.
        private var isLeft: Bool { !waiting.isEmpty && !takers.isEmpty }
        /// Whether the one at work has not come on.
        var isStuck: Bool { expected.map { taken < $0 } ?? false }

        /// Hands out the oldest, at a cost that does not grow with what waits behind them.
        mutating func take(_ limit: Int) -> [Delivery] {
            let count = min(limit, waiting.count)
            taken &+= UInt64(count)
            return (0..<count).map { _ in waiting.removeFirst() }
        }

        /// The one who has waited longest, and its share.
        mutating func handOver() -> Handover? {
            guard isLeft else { return nil }
            // A fair share for each that waits, so that one task does not queue work which another could begin.
            let share = (waiting.count + takers.count - 1) / takers.count
            let taker = takers.removeFirst()
            return (taker.continuation, take(min(share, taker.limit)))
        }

        /// Whether something is left to the one at work, which has yet to take it.
        mutating func leave(anew: Bool) -> Bool {
            guard isLeft, !isSpreading else {
                expected = nil
                return false
            }
            // By the measure of a quick one, so many in a millisecond.
            if anew || expected == nil { expected = taken &+ UInt64(min(waiting.count, SpreadPolicy.pace)) }
            return true
        }
    }

    private typealias Handover = (CheckedContinuation<[Delivery]?, Never>, [Delivery])

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
        let (handover, isLeft) = contents.withLock { contents -> (Handover?, Bool) in
            // Where all was taken, the lock is held for no copy.
            if contents.waiting.isEmpty {
                swap(&contents.waiting, &deliveries)
            } else {
                contents.waiting.append(contentsOf: deliveries)
            }
            contents.isSpreading = !contents.spread.isNarrow
            let wakes = contents.isSpreading || !contents.isAnyoneAtWork
            return (wakes ? contents.handOver() : nil, contents.leave(anew: false))
        }
        resume(handover)
        deliveries.removeAll(keepingCapacity: true)
        return isLeft
    }

    /// Wakes another where the one at work has not come on, or is not known to be quick any more.
    ///
    /// - Returns: Whether something is left still; then look again after the same time.
    func relieve() -> Bool {
        let (handover, isLeft) = contents.withLock { contents -> (Handover?, Bool) in
            contents.isSpreading = !contents.spread.isNarrow
            guard contents.isSpreading || contents.isStuck else { return (nil, contents.leave(anew: true)) }
            let handover = contents.handOver()
            // The woken one is at work now; of those that were, nobody knows when they come back.
            if handover != nil, !contents.isSpreading { contents.mostTakers = contents.takers.count + 1 }
            return (handover, contents.leave(anew: true))
        }
        resume(handover)
        return isLeft
    }

    private func resume(_ handover: Handover?) {
        if let (continuation, batch) = handover { continuation.resume(returning: batch) }
    }

    /// Forgets what nobody has taken: the broker has requeued it.
    func discard() {
        contents.withLock { contents in
            contents.waiting = []
            contents.expected = nil
        }
    }

    /// No more will come; what is here is handed out, or can still be taken.
    func finish() {
        let (handovers, takers) = contents.withLock { contents in
            contents.isFinished = true
            var handovers: [Handover] = []
            while let handover = contents.handOver() { handovers.append(handover) }
            defer { contents.takers = [] }
            return (handovers, contents.takers)
        }
        for handover in handovers { resume(handover) }
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
            guard let first = contents.waiting.popFirst() else { return nil }
            contents.taken &+= 1
            return first
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
                contents.takers.firstIndex { $0.id == id }
                    .map { index in
                        // It is not at work either.
                        contents.mostTakers -= 1
                        return contents.takers.remove(at: index)
                    }
            }
            taker?.continuation.resume(returning: nil)
        }
        resume(contents.withLock { $0.isSpreading ? $0.handOver() : nil })
        return batch
    }
}
