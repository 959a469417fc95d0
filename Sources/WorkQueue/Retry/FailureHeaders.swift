public import RabbitMQ

/// The headers that tell a failed message's story, and the ones that must not travel along.
public enum FailureHeaders {
    /// Attempts made so far, 1….
    public static let attempt = "retry-attempt"
    /// When the first attempt failed, RFC 3339.
    public static let firstFailedAt = "retry-first-failed-at"
    /// When the last attempt failed, RFC 3339.
    public static let lastFailedAt = "retry-last-failed-at"
    /// The last attempt's ``FailureNote``.
    public static let error = "retry-error"
    /// How often a worker ended while handling the event alone; among the attempts.
    public static let crashes = "retry-crashes"
    /// Why it is dead: a ``DeadLetterReason``.
    public static let reason = "dead-letter-reason"
    /// Whose dead letter it is.
    public static let service = "dead-letter-service"

    /// The attempts that a message has behind it; anything but a count from 0 to a million reads as 0.
    public static func attempts(in headers: FieldTable) -> Int {
        count(attempt, in: headers)
    }

    /// How often a worker ended over it; anything but a count from 0 to a million reads as 0.
    static func crashes(in headers: FieldTable) -> Int {
        count(crashes, in: headers)
    }

    private static func count(_ name: String, in headers: FieldTable) -> Int {
        guard let count = headers[name]?.integer, (0...1_000_000).contains(count) else { return 0 }
        return Int(count)
    }

    /// Takes out what the broker, not the sender, wrote or would act upon.
    ///
    /// * `x-death` and its kin: brokers before 4.0.1 take a message that returns with them for a cycle and drop it.
    /// * `x-delivery-count`: counts returns of the original.
    /// * `CC`, `BCC`: sender-selected distribution would route the copy elsewhere too.
    static func stripBrokerHeaders(_ headers: inout FieldTable) {
        headers.removeAll { name in
            name == "x-death" || name.hasPrefix("x-first-death-") || name.hasPrefix("x-last-death-")
                || name == "x-delivery-count" || name == "x-acquired-count" || name == "CC" || name == "BCC"
        }
    }

    /// Takes out the story of earlier failures, so that a replayed message begins anew.
    static func stripStory(_ headers: inout FieldTable) {
        let story: Set = [attempt, firstFailedAt, lastFailedAt, error, crashes, reason, service]
        headers.removeAll { story.contains($0) }
    }
}

/// Why a message is among the dead letters.
public enum DeadLetterReason: String, Hashable, Sendable {
    /// Every attempt of the retry policy failed.
    case exhausted
    /// The handler said that it can never succeed.
    case permanent
    /// It is no event that this service can read.
    case undecodable
    /// The broker gave up: the message was delivered again and again and never settled, as when it crashes its worker.
    case deliveryLimit = "delivery-limit"
}
