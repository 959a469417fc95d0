import OrderEvents

/// How to place orders, and how long.
struct LoadPlan: Sendable {
    var pace: SendSchedule.Pace
    /// How long orders are begun.
    var length: Duration
    var connections: Int
    /// Longest wait for one answer, and for what is under way when the time is over.
    var patience = Duration.seconds(10)
    /// Told when the clock begins, on the thread of the load.
    var begun: (@Sendable () -> Void)?
    /// Told of each order that was accepted, on the thread of the load: the order, when it was meant to be sent and when
    /// its answer came, both as ``SystemSeam/nanoseconds()`` counts.
    var accepted: (@Sendable (UUIDv7, _ intended: Int64, _ answered: Int64) -> Void)?

    /// The bounds of what a person may ask for.
    static let connectionLimits = 1...1_000
    static let rateLimits = 1...100_000
    static let lengthLimits = Duration.seconds(1)...Duration.seconds(86_400)
}

extension Duration {
    /// Parts of a nanosecond are cut off.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
