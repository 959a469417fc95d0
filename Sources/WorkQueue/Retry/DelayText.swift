/// A delay as it stands in names: `250ms`, `5s`, `2m`, `1h`.
///
/// The largest unit that divides it, so that one delay has one name: 60 s is `1m`.
public enum DelayText {
    /// Writes a delay of whole milliseconds.
    public static func text(for delay: Duration) -> String {
        let milliseconds = milliseconds(of: delay)
        for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds > 0 && milliseconds % size == 0 {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    /// Whole milliseconds, as a message TTL wants them.
    public static func milliseconds(of delay: Duration) -> Int64 {
        delay.components.seconds * 1000 + delay.components.attoseconds / 1_000_000_000_000_000
    }
}
