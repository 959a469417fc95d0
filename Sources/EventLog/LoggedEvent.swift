public import OrderEvents
public import RabbitMQ
public import WorkQueue

/// One event as the log keeps it: the attributes of CloudEvents, version, trace and body.
///
/// That is all that a message of this system is made from. Other headers that a publisher of one's own may have added are
/// not kept, so a replayed event does not have them.
public struct LoggedEvent: Hashable, Sendable {
    /// The event's own id, the same on every copy and delivery.
    public var id: String
    /// What happened, such as `order.created`.
    public var type: String
    /// Which version of the type's body it has, from 1.
    public var version: Int
    /// Who says so, as a CloudEvents source such as `/order-service`.
    public var source: String
    /// What it is about, such as the order's id.
    public var subject: String
    /// When it happened.
    public var at: Timestamp
    /// The W3C trace that it belongs to.
    public var traceparent: String?
    /// JSON, byte for byte as it was published.
    public var body: [UInt8]

    /// States every part of an event.
    public init(
        id: String,
        type: String,
        version: Int = 1,
        source: String,
        subject: String,
        at: Timestamp,
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

    /// Takes an event as a worker received it.
    ///
    /// - Parameters:
    ///   - envelope: As it came. Where it does not say when it happened, its message's time counts, else that of its
    ///     id, so that each delivery gives the same.
    ///   - received: Counts where none is known.
    public init(_ envelope: EventEnvelope, received: Timestamp = .now) {
        let noted = envelope.time.flatMap { Timestamp(rfc3339: $0) }
        let stamped = envelope.properties.timestamp
            .map {
                Timestamp(
                    milliseconds: Int64(clamping: $0.multipliedReportingOverflow(by: 1_000).partialValue)
                )
            }
        self.init(
            id: envelope.id,
            type: envelope.type,
            version: envelope.version,
            source: envelope.source ?? envelope.properties.appID.map { "/\($0)" } ?? "/",
            subject: envelope.subject ?? "",
            at: noted ?? stamped ?? UUIDv7(envelope.id)?.timestamp ?? received,
            traceparent: envelope.traceparent,
            body: envelope.body
        )
    }

    /// The event as it goes to one service alone: through the default exchange to the queue of that name, marked with
    /// the header `replayed`.
    ///
    /// - Parameter service: Whose queue.
    /// - Returns: A persistent message with the event's own id.
    public func replay(to service: String) -> OutgoingMessage {
        var message = message(to: "", routingKey: ServiceNames(service).queue)
        message.properties.headers[EventHeaders.replayed] = .bool(true)
        return message
    }

    /// The event as it was published to every service.
    public var published: OutgoingMessage { message(to: OrderEvents.exchangeName, routingKey: type) }

    private func message(to exchange: String, routingKey: String) -> OutgoingMessage {
        OutgoingMessage(
            exchange: exchange,
            routingKey: routingKey,
            properties: EnvelopeCodec.properties(
                id: id,
                type: type,
                version: version,
                source: source,
                time: at.text,
                timestamp: at.seconds,
                subject: subject,
                traceparent: traceparent
            ),
            body: body
        )
    }
}
