/// What a handler decided about one event.
public enum Verdict: Hashable, Sendable {
    /// The effect is durable. The broker may forget the message.
    case done
    /// The effect did not happen and may succeed later. The policy picks the delay, unless one is asked for.
    case retry(FailureNote, after: Duration? = nil)
    /// The event can never succeed here. It is kept for a person.
    case deadLetter(FailureNote)
}
