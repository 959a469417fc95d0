/// What a handler decided about one event.
public enum Verdict: Hashable, Sendable {
    /// The effect is durable. The broker may forget the message.
    case done
    /// The same, and there is something to tell whoever follows the event.
    case concluded(Conclusion)
    /// The effect did not happen and may succeed later. The policy picks the delay, unless one is asked for.
    case retry(FailureNote, after: Duration? = nil)
    /// The effect did not happen, and not because of the event: it comes back, and this attempt is not counted.
    ///
    /// For a server that everybody waits for. The shortest tier that is at least as long is taken, the longest where
    /// none is; without any tier the event goes back to the queue's end.
    case postpone(FailureNote, after: Duration)
    /// The event goes back to the queue untouched, for another instance or a later start.
    ///
    /// The broker counts such returns and dead-letters a message after 20 of them: only for a worker that stops.
    case release
    /// The event can never succeed here. It is kept for a person.
    case deadLetter(FailureNote)

    /// The effect is durable; `detail` says what it was, such as `Remaining stock: 48`.
    public static func done(_ detail: OutcomeNote) -> Verdict {
        .concluded(Conclusion(.done, detail))
    }

    /// The service has looked at the event and said no, durably, such as an order beyond the stock.
    public static func rejected(_ detail: OutcomeNote) -> Verdict {
        .concluded(Conclusion(.rejected, detail))
    }
}

/// How an event ended, in the service's own words.
public struct Conclusion: Hashable, Sendable {
    /// Whether the service did what the event asks for.
    public enum Kind: Hashable, Sendable {
        /// It did.
        case done
        /// It refused, for good.
        case rejected
    }

    /// Whether the service did what the event asks for.
    public let kind: Kind
    /// One line for people.
    public let detail: OutcomeNote

    /// Creates a conclusion.
    public init(_ kind: Kind, _ detail: OutcomeNote) {
        self.kind = kind
        self.detail = detail
    }
}
