internal import Confinement

/// Notices a channel that takes publishes and confirms none of them.
///
/// Pure. A channel can lose sight of a queue whose leader dies in that moment, and then refuses or ignores every publish
/// while the queue itself works: seen on 3.10.8 when a client of a killed node came to the next one before that one
/// knew. Only another channel helps, so the connection starts over; what waits is *unknown* then, and comes again under
/// its id. Each time in a row it waits twice as long, so that a broker that means its refusals is not driven in circles.
/// Mere silence is borne for longer: a loaded machine's disk may keep a broker that works waiting.
///
///     quiet ──waits──▶ since ──heard──▶ quiet
///                        └─ patience over ──▶ start over, after refusals patience × 2
struct SilenceMachine {
    /// After a refusal: long beside any confirm of a broker that works, short beside a person's patience.
    static let shortest = Duration.seconds(2)
    static let longest = Duration.seconds(30)
    /// Without a word.
    static let quiet = Duration.seconds(20)

    /// Whether the broker has refused something on this channel since its last confirm.
    private(set) var isRefused = false
    private var afterRefusal = shortest
    private var since: Deadline?

    /// How long the channel may go without a confirm now.
    var patience: Duration { isRefused ? afterRefusal : Self.quiet }

    /// Another channel, of which nothing is known.
    mutating func channelOpened() {
        since = nil
        isRefused = false
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
        isRefused = false
        afterRefusal = Self.shortest
    }

    /// A refusal came: no sign that the channel works.
    mutating func refused() {
        isRefused = true
    }

    /// The connection starts over.
    mutating func startedOver() {
        since = nil
        if isRefused { afterRefusal = min(afterRefusal * 2, Self.longest) }
    }

    /// When the patience is over, if nothing is heard.
    var deadline: Deadline? { since?.advanced(by: patience) }

    /// Whether to start over now.
    func isOver(at now: Deadline) -> Bool {
        deadline?.isPast(at: now) ?? false
    }
}
