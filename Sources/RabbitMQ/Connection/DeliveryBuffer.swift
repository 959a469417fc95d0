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
        var isFinished = false

        /// Hands out the oldest, at a cost that does not grow with what waits behind them.
        mutating func take(_ limit: Int) -> [Delivery] {
            let count = min(limit, waiting.count)
            return (0..<count).map { _ in waiting.removeFirst() }
        }
    }

    private let contents = Mutex(Contents())

    /// Adds what arrived in one turn, and wakes one who waits for it.
    ///
    /// That one wakes the next before it begins, and so on while something waits. Where handlers are quick, the first two
    /// or three find all of it; where they wait for something, each gets its share in a moment.
    ///
    /// - Parameter deliveries: What arrived; empty afterwards, with room for the next turn's.
    func append(_ deliveries: inout Deque<Delivery>) {
        handOver { contents in
            // Where all was taken, the lock is held for no copy.
            if contents.waiting.isEmpty {
                swap(&contents.waiting, &deliveries)
            } else {
                contents.waiting.append(contentsOf: deliveries)
            }
        }
        deliveries.removeAll(keepingCapacity: true)
    }

    private func handOver(after change: (inout Contents) -> Void = { _ in }) {
        let handover = contents.withLock {
            contents -> (CheckedContinuation<[Delivery]?, Never>, [Delivery])? in
            change(&contents)
            guard !contents.waiting.isEmpty, !contents.takers.isEmpty else { return nil }
            // A fair share for each that waits, so that one task does not queue work which another could begin.
            let share = (contents.waiting.count + contents.takers.count - 1) / contents.takers.count
            let taker = contents.takers.removeFirst()
            return (taker.continuation, contents.take(min(share, taker.limit)))
        }
        if let (continuation, batch) = handover { continuation.resume(returning: batch) }
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

    /// Takes the oldest delivery without waiting for one.
    func takeFirst() -> Delivery? {
        contents.withLock { $0.waiting.popFirst() }
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
        handOver()
        return batch
    }
}
