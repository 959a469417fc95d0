/// Decides whether what arrives is spread over everybody who waits for it, or left to the one who is at work.
///
/// Pure. Handlers that wait, for a commit or an answer, are spread: each gets its share in a moment. Handlers that return
/// at once are done with everything before another thread has begun, and two of them at work only meet at the same
/// locks: then one takes all of it, as long as it comes on.
struct SpreadPolicy {
    /// A handler that returns sooner is quick: one thread does a hundred thousand of these a second, which is more than a
    /// queue gives out.
    static let quick = Duration.microseconds(10)
    /// So many deliveries a quick one has taken after a millisecond, with room for a thread that loses its processor.
    static let pace = 64
    /// So many quick ones are known at most, and half as many are enough.
    ///
    /// One that is slow takes more than half of them, as a thread loses its processor now and then; two in a row end it.
    private static let most = 64

    private var credit = 0

    /// Whether one takes all of it.
    var isNarrow: Bool { credit >= Self.most / 2 }

    /// A handler has returned.
    mutating func handled(in duration: Duration) {
        if duration < Self.quick {
            credit = min(credit + 1, Self.most)
        } else {
            credit = max(credit - Self.most / 2 - 1, 0)
        }
    }
}
