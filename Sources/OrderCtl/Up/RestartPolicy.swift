/// Decides how long to wait before a program that ended is started again.
///
/// Pure. 0.5 s after the first end, twice as long after each further one, at most 30 s; the real delay lies between
/// half of that and all of it, so that several programs that ended together do not come back together.
struct RestartPolicy: Equatable {
    /// A program that ran as long as this counts as healthy: the next delay is the first one again.
    static let healthyAfter = Duration.seconds(30)

    private var failures = 0

    /// The program ended.
    ///
    /// - Parameters:
    ///   - ran: How long it had run.
    ///   - roll: 0…1, where in the range the delay lies.
    /// - Returns: How long to wait.
    mutating func ended(after ran: Duration, roll: Double) -> Duration {
        failures = ran >= Self.healthyAfter ? 1 : failures + 1
        let longest = min(Duration.seconds(30), .milliseconds(500) * (1 << min(failures - 1, 10)))
        return longest / 2 + longest / 2 * min(max(roll, 0), 1)
    }
}
