/// Decides how long to wait before the next attempt.
///
/// Pure: the caller brings the roll of the dice. Delays grow by doubling from `base` to `limit`; each is then spread
/// over its upper half, so that many clients of one broker do not come back in the same instant.
public struct BackoffPolicy: Hashable, Sendable {
    /// Delay around which the first attempt waits.
    public var base: Duration
    /// Longest delay.
    public var limit: Duration

    /// Creates a policy.
    public init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// For connections: 100 ms doubling to 5 s, so that a restarted broker is found within seconds.
    public static let reconnect = BackoffPolicy(base: .milliseconds(100), limit: .seconds(5))

    /// The delay before attempt `attempt`.
    /// - Parameters:
    ///   - attempt: 1 for the first after a failure.
    ///   - roll: 0 up to 1, evenly spread.
    /// - Returns: From half of the full delay up to all of it.
    public func delay(attempt: Int, roll: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 30)
        let full = min(base * (1 << doublings), limit)
        return full * (0.5 + 0.5 * min(max(roll, 0), 1))
    }
}
