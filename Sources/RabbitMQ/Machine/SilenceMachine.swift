internal import Confinement

/// Notices a channel that takes publishes and confirms none of them.
///
/// Pure. A channel can lose sight of a queue whose leader dies in that moment, and then refuses or ignores every publish
/// while the queue itself works: seen on 3.10.8 when a client of a killed node came to the next one before that one
/// knew. Only another channel helps, so the connection starts over; what waits is *unknown* then, and comes again under
/// its id. Each time in a row it waits twice as long, so that a broker that is slow, or means it, is not driven in
/// circles; and a channel that has confirmed before is believed to do so again, for much longer.
///
///     quiet ──waits──▶ since ──heard──▶ quiet
///                        └─ patience over ──▶ start over, patience × 2
struct SilenceMachine {
    /// Long beside any confirm of a broker that works (tens of milliseconds), short beside a person's patience.
    static let shortest = Duration.seconds(2)
    static let longest = Duration.seconds(30)
    /// Longer than disks of a loaded machine keep a broker waiting.
    static let proven = Duration.seconds(20)

    private var fresh = shortest
    private var isProven = false
    private var since: Deadline?

    /// How long a channel may be silent now.
    var patience: Duration { isProven ? Self.proven : fresh }

    /// Another channel, of which nothing is known.
    mutating func channelOpened() {
        since = nil
        isProven = false
    }

    /// Confirms are awaited, and publishing is allowed.
    mutating func waits(at now: Deadline) {
        since = since ?? now
    }

    /// Nothing is awaited, or the broker has said that it takes nothing now.
    mutating func rests() {
        since = nil
    }

    /// A confirm came.
    mutating func heard() {
        since = nil
        isProven = true
        fresh = Self.shortest
    }

    /// The connection starts over.
    mutating func startedOver() {
        since = nil
        if !isProven { fresh = min(fresh * 2, Self.longest) }
    }

    /// When the patience is over, if nothing is heard.
    var deadline: Deadline? { since?.advanced(by: patience) }

    /// Whether to start over now.
    func isOver(at now: Deadline) -> Bool {
        deadline?.isPast(at: now) ?? false
    }
}
