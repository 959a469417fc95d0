public import RabbitMQ

/// One message that a service could not handle.
public struct DeadLetter: Hashable, Sendable {
    /// The event's id; `nil` where the message has none.
    public let id: String?
    /// The event's type; `nil` where the message has none.
    public let type: String?
    /// Why it is here: a ``DeadLetterReason`` or, for what something else put here, that one's word.
    public let reason: String
    /// The last attempt's note.
    public let error: String?
    /// Attempts made.
    public let attempts: Int
    /// RFC 3339; `nil` where no attempt failed, as after a crash.
    public let firstFailedAt: String?
    /// RFC 3339; for what the broker dead-lettered itself, when it did.
    public let lastFailedAt: String?
    /// Properties, headers and body.
    public let message: Delivery

    /// Reads a message of a dead-letter queue.
    ///
    /// Never fails: what is missing is `nil`.
    public init(_ delivery: Delivery) {
        let headers = delivery.properties.headers
        let envelope = try? EnvelopeCodec.decode(delivery)
        let death = Self.lastDeath(in: headers)
        message = delivery
        id = envelope?.id ?? delivery.properties.messageID
        type = envelope?.type ?? delivery.properties.type
        reason = headers[FailureHeaders.reason]?.text ?? death?.reason ?? "unknown"
        // What the broker dead-lettered itself may still carry the note of an earlier attempt, which is not why.
        let isByBroker = headers[FailureHeaders.reason] == nil
        let explanation = death.map { Self.explanation(of: $0.reason) }
        let note = headers[FailureHeaders.error]?.text
        error = isByBroker ? explanation ?? note : note ?? explanation
        attempts = FailureHeaders.attempts(in: headers)
        firstFailedAt = headers[FailureHeaders.firstFailedAt]?.text
        let noted = headers[FailureHeaders.lastFailedAt]?.text
        lastFailedAt = isByBroker ? death?.time ?? noted : noted ?? death?.time
    }

    /// What the broker wrote when it dead-lettered the message itself.
    private static func lastDeath(in headers: FieldTable) -> (reason: String, time: String?)? {
        guard case .array(let deaths) = headers["x-death"], case .table(let last) = deaths.first,
            let reason = last["reason"]?.text
        else { return nil }
        var time: String?
        if case .timestamp(let seconds) = last["time"] { time = Clock.text(secondsSince1970: seconds) }
        return (reason.replacing("_", with: "-"), time)
    }

    private static func explanation(of reason: String) -> String {
        switch reason {
        case DeadLetterReason.deliveryLimit.rawValue:
            "delivered again and again and never settled: the worker crashed or lost its connection each time"
        case "expired": "it expired in the queue"
        case "rejected": "rejected without a reason, or a copy with the reason did not fit into a frame"
        default: "the broker dead-lettered it"
        }
    }
}
