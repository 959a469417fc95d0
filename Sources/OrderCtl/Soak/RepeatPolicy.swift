/// Whether a mail that left twice did so in the one window where that is promised.
///
/// Pure. The window: a worker dies after the mail was handed over and before that was recorded, which takes milliseconds
/// on an idle machine.
struct RepeatPolicy {
    /// How long a record may take on a machine that does everything at once.
    static let window = Duration.seconds(5)
    /// How late the mail may have been seen.
    static let lag = Duration.seconds(2)

    /// When a notification worker was killed, since the load began.
    let crashes: [Duration]

    /// Whether a crash explains that a mail seen at `first` was seen again.
    func explains(first: Duration, again: Duration) -> Bool {
        crashes.contains { $0 >= first - Self.lag && $0 <= first + Self.window && $0 <= again }
    }
}
