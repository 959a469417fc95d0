internal import Confinement

/// Decides when to look after what was left to a handler that is quick.
///
/// Pure. Where that one is slow this time, the first that waits is taken over after two looks at most, and another with
/// each look until two have returned that were slow: then all are woken.
struct ReliefPacer {
    /// From what was left to the first look, and from look to look.
    static let interval = Duration.milliseconds(1)

    /// Whether something is left now.
    var isLeft = false
    private var next: Deadline?

    /// When to look.
    var deadline: Deadline? { isLeft ? next : nil }

    /// Whether to look now; asked in each turn.
    mutating func isDue(at now: Deadline) -> Bool {
        // What was left has been taken: the next that is left has its own time.
        guard isLeft else {
            next = nil
            return false
        }
        guard let next, next.isPast(at: now) else {
            self.next = self.next ?? now.advanced(by: Self.interval)
            return false
        }
        self.next = now.advanced(by: Self.interval)
        return true
    }
}
