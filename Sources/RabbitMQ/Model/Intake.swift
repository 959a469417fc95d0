/// How much a consumer takes from its queue at once.
public enum Intake: Hashable, Sendable {
    /// Nothing: what was delivered can still be settled.
    case paused
    /// One delivery; the next one after it is settled.
    case single
    /// As many as the consumer's prefetch.
    case full
}
