internal import EventFilter

extension EventFilter {
    /// Whether the service wants the event.
    func accepts(_ envelope: EventEnvelope) -> Bool { true }
}
