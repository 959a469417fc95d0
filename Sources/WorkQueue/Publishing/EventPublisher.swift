public import RabbitMQ

/// An event that a service tells everybody.
public struct OutgoingEvent: Hashable, Sendable {
    /// Unique for all time, a UUIDv7 in lower case; the same however often the event is published.
    public var id: String
    /// Past tense, such as `inventory.rejected`.
    public var type: String
    /// Of the type's body, from 1.
    public var version: Int
    /// The program, as a path such as `/inventory-worker`.
    public var source: String
    /// What it is about, such as the order's id.
    public var subject: String
    /// When it happened, in milliseconds since 1970.
    public var at: Int64
    /// The W3C trace that it belongs to.
    public var traceparent: String?
    /// JSON.
    public var body: [UInt8]

    /// Creates an event.
    public init(
        id: String,
        type: String,
        version: Int = 1,
        source: String,
        subject: String,
        at: Int64,
        traceparent: String? = nil,
        body: [UInt8]
    ) {
        self.id = id
        self.type = type
        self.version = version
        self.source = source
        self.subject = subject
        self.at = at
        self.traceparent = traceparent
        self.body = body
    }

    /// The event as it goes on the wire; the same event always gives the same message.
    ///
    /// - Parameter exchange: The event exchange.
    /// - Returns: A persistent message whose routing key is the event's type.
    public func message(to exchange: String) -> OutgoingMessage {
        OutgoingMessage(
            exchange: exchange,
            routingKey: type,
            properties: EnvelopeCodec.properties(
                id: id,
                type: type,
                version: version,
                source: source,
                time: Clock.text(milliseconds: at),
                timestamp: UInt64(max(at, 0) / 1_000),
                subject: subject,
                traceparent: traceparent
            ),
            body: body
        )
    }
}

/// A handler's way to tell the other services what happened here.
///
/// Record that the event is due in the transaction of the effect, publish, and answer ``Verdict/done`` only once it is
/// confirmed: the event being handled then stands for the one that is due. However often it is delivered, the same event
/// id is published until the broker has it.
public struct EventPublisher: Sendable {
    private let publish: @Sendable (OutgoingEvent, Duration) async -> PublishOutcome

    /// Creates a publisher, such as one for tests.
    public init(_ publish: @escaping @Sendable (OutgoingEvent, Duration) async -> PublishOutcome) {
        self.publish = publish
    }

    init(_ publisher: Publisher, exchange: String) {
        publish = { event, patience in
            await publisher.publish(event.message(to: exchange), within: patience)
        }
    }

    /// Publishes one event to every service.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - patience: Longest wait for the broker's word.
    /// - Returns: Nil once the broker has it in every queue bound to the exchange; otherwise why that is not known,
    ///   for ``Verdict/retry(_:after:)``.
    public func publish(
        _ event: OutgoingEvent,
        within patience: Duration = .seconds(10)
    ) async -> FailureNote? {
        let outcome = await publish(event, patience)
        return outcome.isConfirmed ? nil : FailureNote("\(event.type) was not published: \(outcome)")
    }
}
