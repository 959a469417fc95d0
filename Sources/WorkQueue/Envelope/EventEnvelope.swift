public import RabbitMQ

/// One event as it travelled: what every service needs to know of it, and everything else untouched.
public struct EventEnvelope: Hashable, Sendable {
    /// The event's own id, the same on every copy and delivery; what a handler records to recognise a repeat.
    public let id: String
    /// What happened, such as `order.created`.
    public let type: String
    /// Which version of the type's body it has, from 1.
    public let version: Int
    /// Attempts that this service has made and that failed; 0 on the first delivery.
    ///
    /// It travels in the message, so it holds across processes and restarts.
    public let attempts: Int
    /// All properties and headers, unknown ones included.
    public let properties: MessageProperties
    /// The body, as it came.
    public let body: [UInt8]

    /// Who says so, such as `/order-service`; read from the headers at each call, as the attributes after it.
    public var source: String? {
        EnvelopeCodec.checked(
            EnvelopeCodec.attribute("cloudEvents_source", "cloudEvents:source", properties.headers)
        )
    }
    /// What it is about, such as the order's id.
    public var subject: String? {
        EnvelopeCodec.checked(
            EnvelopeCodec.attribute("cloudEvents_subject", "cloudEvents:subject", properties.headers)
                ?? EnvelopeCodec.nonEmpty(properties.correlationID)
        )
    }
    /// When it happened, RFC 3339.
    public var time: String? {
        EnvelopeCodec.checked(
            EnvelopeCodec.attribute("cloudEvents_time", "cloudEvents:time", properties.headers)
        )
    }
    /// The W3C trace that it belongs to.
    public var traceparent: String? { EnvelopeCodec.checked(properties.headers["traceparent"]?.text) }

    /// Whether an operator put it here from the event log, long after it happened.
    public var isReplayed: Bool { properties.headers[EventHeaders.replayed] == .bool(true) }
}

/// Headers of every event beside those of CloudEvents.
public enum EventHeaders {
    /// The version of the type's body, an integer from 1; 1 where it is absent.
    public static let version = "event-version"
    /// True on an event that comes from the event log to one service.
    public static let replayed = "replayed"
}

/// A message that is no event of ours and never will be.
public struct UndecodableMessage: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it; no payload.
    public let description: String

    /// Creates the error.
    public init(_ description: String) {
        self.description = description
    }
}
