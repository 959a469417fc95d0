import Synchronization

/// Something that waits, but only so long.
protocol Expiring: AnyObject, Sendable {
    /// The time is up; does nothing where what was waited for has come.
    func expire()
}

/// Ends the patience of many waits with one sleeping task, however many there are.
///
/// A sleep of its own for each would stay with the system's timers until its end, cancelled or not. A wait may end up to
/// ``tick`` late, for one with less patience than the others may come while the task sleeps.
final class DeadlineKeeper: Sendable {
    /// Longest sleep while somebody waits, 50 ms.
    static let tick = Duration.milliseconds(50)

    private struct State {
        var waits: [UInt64: (deadline: ContinuousClock.Instant, wait: any Expiring)] = [:]
        var lastNumber: UInt64 = 0
        var isAsleep = false
    }

    private let state = Mutex(State())

    /// Begins to watch a wait; ``forget(_:)`` it when it is over.
    ///
    /// Any thread.
    /// - Returns: Its number.
    func watch(_ wait: any Expiring, for patience: Duration) -> UInt64 {
        let deadline = ContinuousClock.now.advanced(by: patience)
        let (number, mustBegin) = state.withLock { state in
            state.lastNumber += 1
            state.waits[state.lastNumber] = (deadline, wait)
            defer { state.isAsleep = true }
            return (state.lastNumber, !state.isAsleep)
        }
        // Unstructured because it serves every caller and belongs to none; it ends when nobody waits.
        if mustBegin { Task { await keep() } }
        return number
    }

    /// A wait is over.
    func forget(_ number: UInt64) {
        state.withLock { state in _ = state.waits.removeValue(forKey: number) }
    }

    private func keep() async {
        while let next = nextDeadline() {
            try? await Task.sleep(until: min(next, .now + Self.tick), clock: .continuous)
            expire(at: .now)
        }
    }

    private func nextDeadline() -> ContinuousClock.Instant? {
        state.withLock { state in
            let next = state.waits.values.map(\.deadline).min()
            state.isAsleep = next != nil
            return next
        }
    }

    private func expire(at now: ContinuousClock.Instant) {
        let overdue = state.withLock { state in
            let overdue = state.waits.filter { $0.value.deadline <= now }
            for number in overdue.keys { state.waits[number] = nil }
            return overdue.values.map(\.wait)
        }
        for wait in overdue { wait.expire() }
    }
}
