public import RabbitMQ

/// Writes the copies of a failed message.
///
/// Pure but for the time that it is given.
///
/// A copy keeps the body, the id, and every property and header of the original, unknown ones included, but for what
/// the broker added or would act upon: see ``FailureHeaders``. `expiration` goes, since the tier decides how long the
/// copy waits; `user_id` goes, since the broker refuses a copy under another login.
public struct FailureCopy: Sendable {
    private let names: ServiceNames

    /// Writes copies for `service`.
    public init(service: String) {
        names = ServiceNames(service)
    }

    /// The copy that waits in a tier for the next attempt.
    /// - Parameters:
    ///   - delivery: The original.
    ///   - attempts: Attempts made, this failed one included.
    ///   - delay: Names the tier.
    ///   - note: What went wrong.
    ///   - now: RFC 3339.
    /// - Returns: A message for the service's failure exchange.
    public func retry(
        of delivery: Delivery,
        attempts: Int,
        after delay: Duration,
        note: FailureNote,
        at now: String
    ) -> OutgoingMessage {
        copy(of: delivery, key: names.tierKey(delay), attempts: attempts, note: note, at: now)
    }

    /// The copy that waits in a tier, of an event whose handling failed through no fault of its own: the story and the
    /// attempts stay as they were.
    /// - Parameters:
    ///   - delivery: The original.
    ///   - delay: Names the tier.
    /// - Returns: A message for the service's failure exchange.
    public func postponed(_ delivery: Delivery, for delay: Duration) -> OutgoingMessage {
        var properties = delivery.properties
        Self.strip(&properties)
        return OutgoingMessage(
            exchange: names.failures,
            routingKey: names.tierKey(delay),
            properties: properties,
            body: delivery.body
        )
    }

    /// The same where there is no tier: the copy goes to the end of the service's queue.
    ///
    /// Through the failure exchange too: whoever may write to the default one reaches every queue.
    func requeued(_ delivery: Delivery) -> OutgoingMessage {
        var copy = postponed(delivery, for: .zero)
        copy.routingKey = names.requeueKey
        return copy
    }

    /// The copy that stays among the dead letters.
    /// - Parameters:
    ///   - delivery: The original.
    ///   - attempts: Attempts made, this failed one included; 0 where no handler saw it.
    ///   - reason: Why no further attempt is made.
    ///   - note: What went wrong.
    ///   - now: RFC 3339.
    /// - Returns: A message for the service's failure exchange.
    public func dead(
        of delivery: Delivery,
        attempts: Int,
        reason: DeadLetterReason,
        note: FailureNote,
        at now: String
    ) -> OutgoingMessage {
        var message = copy(of: delivery, key: names.deadKey, attempts: attempts, note: note, at: now)
        message.properties.headers[FailureHeaders.reason] = .string(reason.rawValue)
        message.properties.headers[FailureHeaders.service] = .string(names.service)
        return message
    }

    /// The copy that goes back to the service's own queue as if it had never failed.
    public func replay(of delivery: Delivery) -> OutgoingMessage {
        var properties = delivery.properties
        Self.strip(&properties)
        FailureHeaders.stripStory(&properties.headers)
        // Through the default exchange: to the queue of that name and no other.
        return OutgoingMessage(
            exchange: "",
            routingKey: names.queue,
            properties: properties,
            body: delivery.body
        )
    }

    private func copy(
        of delivery: Delivery,
        key: String,
        attempts: Int,
        note: FailureNote,
        at now: String
    ) -> OutgoingMessage {
        var properties = delivery.properties
        Self.strip(&properties)
        let firstFailedAt = properties.headers[FailureHeaders.firstFailedAt] ?? .string(now)
        properties.headers[FailureHeaders.attempt] = .int64(Int64(attempts))
        properties.headers[FailureHeaders.firstFailedAt] = firstFailedAt
        properties.headers[FailureHeaders.lastFailedAt] = .string(now)
        properties.headers[FailureHeaders.error] = .string(note.text)
        return OutgoingMessage(
            exchange: names.failures,
            routingKey: key,
            properties: properties,
            body: delivery.body
        )
    }

    private static func strip(_ properties: inout MessageProperties) {
        FailureHeaders.stripBrokerHeaders(&properties.headers)
        properties.deliveryMode = .persistent
        properties.expiration = nil
        properties.userID = nil
    }
}
