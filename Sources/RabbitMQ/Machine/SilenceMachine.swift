internal import Confinement

/// Notices a channel that takes publishes and confirms none of them.
///
/// Pure. A broker may lose what a fresh channel sends to a queue whose leader dies in that moment, and then neither
/// confirms nor closes: seen on 3.10.8 when a client of a killed node came to the next one before that one knew. Only
/// another channel helps, so the connection starts over; its publishes are *unknown* then, and come again under their
/// ids. Each time in a row it waits twice as long, so that a broker that is merely slow is not driven in circles.
///
///     quiet ──waits──▶ since ──heard──▶ quiet
///                        └─ patience over ──▶ start over, patience × 2
struct SilenceMachine {
    /// Long beside any confirm of a broker that works (tens of milliseconds), short beside a person's patience.
    static let shortest = Duration.seconds(2)
    static let longest = Duration.seconds(30)

    private(set) var patience = shortest
    private var since: Deadline?

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
        patience = Self.shortest
    }

    /// The connection starts over.
    mutating func startedOver() {
        since = nil
        patience = min(patience * 2, Self.longest)
    }

    /// When the patience is over, if nothing is heard.
    var deadline: Deadline? { since?.advanced(by: patience) }

    /// Whether to start over now.
    func isOver(at now: Deadline) -> Bool {
        deadline?.isPast(at: now) ?? false
    }
}
