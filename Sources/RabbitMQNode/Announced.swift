import Synchronization

/// A value that becomes known once and that any number of tasks may wait for.
///
/// Any task; never blocks a thread beyond a short lock.
final class Announced<Value: Sendable>: Sendable {
    private struct Contents {
        var value: Value?
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
        var nextWaiter = 0
    }

    private let contents = Mutex(Contents())

    /// What was announced, `nil` before that.
    var current: Value? {
        contents.withLock { $0.value }
    }

    /// Makes the value known; later announcements are ignored.
    func announce(_ value: Value) {
        let waiters = contents.withLock { contents -> [CheckedContinuation<Value?, Never>] in
            guard contents.value == nil else { return [] }
            contents.value = value
            defer { contents.waiters = [:] }
            return Array(contents.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// Waits for the value.
    ///
    /// - Returns: The value, or `nil` when the waiting task was cancelled first.
    func value() async -> Value? {
        let waiter = contents.withLock { contents in
            defer { contents.nextWaiter += 1 }
            return contents.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = contents.withLock { contents -> Value?? in
                    if let value = contents.value { return value }
                    if Task.isCancelled { return .some(nil) }
                    contents.waiters[waiter] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            contents.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: nil)
        }
    }

    /// Waits for the value, at most for `duration`.
    func value(within duration: Duration) async -> Value? {
        if let current { return current }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask { await self.value() }
            group.addTask {
                try? await Task.sleep(for: duration)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? current
        }
    }
}
