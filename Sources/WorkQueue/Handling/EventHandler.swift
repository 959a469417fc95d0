/// The body of one type of event.
public protocol EventPayload: Decodable, Sendable {
    /// The type as it travels, such as `order.created`.
    static var eventType: String { get }
}

/// Applies one type of event.
public protocol EventHandler<Event>: Sendable {
    /// What the handler applies.
    associatedtype Event: EventPayload

    /// Applies the event at most once in effect, however often it is delivered.
    ///
    /// The same event comes again after a crash, a lost connection or an operator's replay: record
    /// ``DeliveryContext/eventID`` in the transaction of the effect. May be called by many tasks at once. Is cancelled
    /// when the drain deadline of a stopping worker has come; the event is then delivered again.
    /// - Returns: The decision; the worker settles the delivery accordingly.
    func handle(_ event: Event, in context: DeliveryContext) async -> Verdict
}

/// What a handler may want to know beside the event itself.
public struct DeliveryContext: Hashable, Sendable {
    /// The event with all its headers.
    public let envelope: EventEnvelope

    /// Creates a context.
    public init(envelope: EventEnvelope) {
        self.envelope = envelope
    }

    /// The same on every delivery of the event.
    public var eventID: String { envelope.id }
    /// The event's type.
    public var eventType: String { envelope.type }
    /// 1 on the first attempt.
    public var attempt: Int { envelope.attempts + 1 }
}
