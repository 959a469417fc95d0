/// Decides when a failed event is tried again, and when no more.
///
/// Pure. One attempt comes first, then one after each delay; after the last delay's attempt the event is dead.
public struct RetryPolicy: Hashable, Sendable {
    /// Why delays cannot be used.
    public struct Invalid: Error, Hashable, Sendable, CustomStringConvertible {
        /// The rule that was broken.
        public let description: String
    }

    /// What follows a failed attempt.
    public enum Step: Hashable, Sendable {
        /// Wait this long, in the tier of this delay.
        case wait(Duration)
        /// No attempt is left.
        case exhausted
    }

    /// `1s, 5s, 30s, 2m, 10m`: six attempts within about 13 minutes.
    public static let standard = RetryPolicy(
        uncheckedDelays: [.seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600)]
    )

    /// The delays, in the order in which they are used.
    ///
    /// Each distinct delay is a queue of its own.
    public let delays: [Duration]

    private init(uncheckedDelays: [Duration]) {
        delays = uncheckedDelays
    }

    /// Creates a policy.
    /// - Parameter delays: None (no retries) to 20; each 10 ms to 24 h, in whole milliseconds.
    /// - Throws: ``Invalid``.
    public init(delays: [Duration]) throws(Invalid) {
        guard delays.count <= 20 else { throw Invalid(description: "at most 20 delays") }
        for delay in delays {
            guard delay >= .milliseconds(10), delay <= .seconds(86_400) else {
                throw Invalid(description: "each delay is from 10ms to 24h")
            }
            guard delay.components.attoseconds % 1_000_000_000_000_000 == 0 else {
                throw Invalid(description: "a delay is a whole number of milliseconds")
            }
        }
        self.delays = delays
    }

    /// What follows when `attempts` attempts were made and the last of them failed.
    /// - Parameters:
    ///   - attempts: 1 after the first.
    ///   - requested: A delay that the handler asked for, such as a server's `Retry-After`. The shortest tier that is
    ///     at least as long is taken, the longest where none is.
    /// - Returns: What to do with the event.
    public func step(after attempts: Int, requested: Duration? = nil) -> Step {
        guard attempts >= 1, attempts <= delays.count else { return .exhausted }
        guard let requested, let tier = tier(for: requested) else { return .wait(delays[attempts - 1]) }
        return .wait(tier)
    }

    /// The shortest delay that is at least as long as `requested`, the longest where none is, nil without any delay.
    public func tier(for requested: Duration) -> Duration? {
        let sorted = delays.sorted()
        return sorted.first { $0 >= requested } ?? sorted.last
    }
}
