internal import Synchronization

/// Hands deliveries from the connection's thread to the tasks that handle them, in batches.
///
/// Bounded by prefetch: the broker sends no more before something is settled.
final class DeliveryBuffer: Sendable {
    private struct Contents {
        var waiting: [Delivery] = []
        var takers: [(id: UInt64, limit: Int, continuation: CheckedContinuation<[Delivery]?, Never>)] = []
        var lastTaker: UInt64 = 0
        var isFinished = false
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
                    if !contents.waiting.isEmpty { return .some(Self.split(&contents.waiting, limit)) }
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
        while !contents.waiting.isEmpty, !contents.takers.isEmpty {
            // A fair share for each that waits, so that one task does not queue work which another could begin.
            let share = (contents.waiting.count + contents.takers.count - 1) / contents.takers.count
            let taker = contents.takers.removeFirst()
            handovers.append((taker.continuation, split(&contents.waiting, min(share, taker.limit))))
        }
        return handovers
    }

    private static func split(_ waiting: inout [Delivery], _ limit: Int) -> [Delivery] {
        guard waiting.count > limit else {
            defer { waiting = [] }
            return waiting
        }
        let batch = Array(waiting.prefix(limit))
        waiting.removeFirst(limit)
        return batch
    }
}
