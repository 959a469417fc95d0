/// The moment at which a wait gives up.
///
/// Measured on the continuous clock, which a change of the wall clock does not move.
/// Pure machines take `now` as a deadline too, so that a test can say what time it is.
public struct Deadline: Hashable, Comparable, Sendable {
    private let instant: ContinuousClock.Instant

    private init(_ instant: ContinuousClock.Instant) {
        self.instant = instant
    }

    /// The present moment.
    public static var now: Deadline {
        Deadline(.now)
    }

    /// The moment that lies `patience` after the present one.
    ///
    /// A `patience` of zero or less is already past.
    public static func after(_ patience: Duration) -> Deadline {
        Deadline(.now.advanced(by: patience))
    }

    /// The moment that lies `duration` after this one.
    public func advanced(by duration: Duration) -> Deadline {
        Deadline(instant.advanced(by: duration))
    }

    /// The time from `now` until this moment; negative once it has passed.
    public func remaining(at now: Deadline) -> Duration {
        now.instant.duration(to: instant)
    }

    /// Whether this moment has come.
    public func isPast(at now: Deadline) -> Bool {
        instant <= now.instant
    }

    /// Orders by time.
    public static func < (earlier: Deadline, later: Deadline) -> Bool {
        earlier.instant < later.instant
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that a poll of this length never ends just before its deadline.
    ///
    /// Clamped to 0 and `Int32.max`, the range that `poll(2)` takes.
    public var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 2_000_000 else { return Int32.max }
        let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: milliseconds)
    }

    /// Whole nanoseconds, rounded up; from 0 to about three years, the range that `ppoll(2)` is given.
    package var pollNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return min(seconds, 100_000_000) * 1_000_000_000 + (attoseconds + 999_999_999) / 1_000_000_000
    }

    /// This length in seconds, for metrics and log lines.
    public var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
