internal import Synchronization

/// Hands deliveries from the connection's thread to the tasks that handle them, in batches.
///
/// Bounded by prefetch: the broker sends no more before something is settled.
final class DeliveryBuffer: Sendable {
    private struct Contents {
        var waiting: [Delivery] = []
        /// What lies before this index was handed out.
        var start = 0
        var takers: [(id: UInt64, limit: Int, continuation: CheckedContinuation<[Delivery]?, Never>)] = []
        var lastTaker: UInt64 = 0
        var isFinished = false

        var count: Int { waiting.count - start }

        /// Hands out the oldest, at a cost that does not grow with what waits behind them.
        mutating func take(_ limit: Int) -> [Delivery] {
            let end = min(start + limit, waiting.count)
            let batch = Array(waiting[start..<end])
            start = end
            if start == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                start = 0
            } else if start >= 1024 {
                waiting.removeFirst(start)
                start = 0
            }
            return batch
        }
    }

    private let contents = Mutex(Contents())

    /// Adds what arrived in one turn.
    func append(_ deliveries: [Delivery]) {
        let handovers = contents.withLock { contents in
            contents.waiting.append(contentsOf: deliveries)
            return Self.match(&contents)
        }
        for (continuation, batch) in handovers { continuation.resume(returning: batch) }
    }

    /// Forgets what nobody has taken: the broker has requeued it.
    func discard() {
        contents.withLock { contents in
            contents.waiting = []
            contents.start = 0
        }
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

    /// Takes up to `limit` deliveries, waiting for the first.
    /// - Returns: `nil` after the end, or when the calling task is cancelled.
    func take(upTo limit: Int) async -> [Delivery]? {
        let id = contents.withLock { contents in
            contents.lastTaker += 1
            return contents.lastTaker
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: [Delivery]?? = contents.withLock { contents in
                    if contents.count > 0 { return .some(contents.take(limit)) }
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
    }

    private static func match(
        _ contents: inout Contents
    ) -> [(CheckedContinuation<[Delivery]?, Never>, [Delivery])] {
        var handovers: [(CheckedContinuation<[Delivery]?, Never>, [Delivery])] = []
        while contents.count > 0, !contents.takers.isEmpty {
            // A fair share for each that waits, so that one task does not queue work which another could begin.
            let share = (contents.count + contents.takers.count - 1) / contents.takers.count
            let taker = contents.takers.removeFirst()
            handovers.append((taker.continuation, contents.take(min(share, taker.limit))))
        }
        return handovers
    }
}
