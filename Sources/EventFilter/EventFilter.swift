/// An expression over an event, parsed and type-checked once.
public struct EventFilter: Hashable, Sendable {
    /// What was written.
    public let source: String
}
