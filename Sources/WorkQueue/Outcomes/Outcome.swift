/// What became of one event at one service: an entry of its journey.
public struct Outcome: Hashable, Sendable {
    /// Where an event stands.
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// The effect is durable.
        case done
        /// The service said no, durably.
        case rejected
        /// An attempt failed; the next one is at ``Outcome/nextAt``.
        case retrying
        /// No attempt is left, or none makes sense; a person decides.
        case deadLettered = "dead-lettered"
        /// The service's filter does not want it.
        case skipped
    }

    /// The event.
    public let eventID: String
    /// Its type, such as `order.created`.
    public let eventType: String
    /// What it is about, such as the order's id.
    public let subject: String?
    /// Where it stands.
    public let state: State
    /// The attempt that ended so, from 1.
    public let attempt: Int
    /// When, in milliseconds since 1970.
    public let at: Int64
    /// When the next attempt is due, in milliseconds since 1970; of `retrying` only.
    public let nextAt: Int64?
    /// One line for people, no secret.
    public let detail: String?

    /// Creates an outcome.
    public init(
        eventID: String,
        eventType: String,
        subject: String?,
        state: State,
        attempt: Int,
        at: Int64,
        nextAt: Int64? = nil,
        detail: String? = nil
    ) {
        self.eventID = eventID
        self.eventType = eventType
        self.subject = subject
        self.state = state
        self.attempt = attempt
        self.at = at
        self.nextAt = nextAt
        self.detail = detail
    }
}

/// Outcomes of one service, as they travel: the body of `worker.outcomes`.
///
/// Times are milliseconds since 1970.
///
///     {"service":"inventory","outcomes":[{"event_id":"…","event_type":"order.created","subject":"…",
///       "state":"done","attempt":1,"at":1767323045678,"detail":"Remaining stock: 48"}, …]}
public struct OutcomeBatch: EventPayload, Hashable {
    /// `worker.outcomes`.
    public static let eventType = "worker.outcomes"

    /// Who reports.
    public let service: String
    /// In the order in which they came about.
    public let outcomes: [Outcome]

    /// Creates a batch.
    public init(service: String, outcomes: [Outcome]) {
        self.service = service
        self.outcomes = outcomes
    }
}

extension Outcome: Codable {
    private enum CodingKeys: String, CodingKey {
        case eventID = "event_id"
        case eventType = "event_type"
        case subject, state, attempt, at
        case nextAt = "next_at"
        case detail
    }
}

extension Outcome {
    /// The same with a detail that may be printed, whoever sent it.
    fileprivate var inOneLine: Outcome {
        Outcome(
            eventID: eventID,
            eventType: eventType,
            subject: subject,
            state: state,
            attempt: attempt,
            at: at,
            nextAt: nextAt,
            detail: detail.map { OutcomeNote($0).text }
        )
    }
}

extension OutcomeBatch: Codable {
    private enum CodingKeys: String, CodingKey {
        case service, outcomes
    }

    /// An outcome, unless its state is one that only a newer program knows.
    private struct Element: Decodable {
        private enum CodingKeys: String, CodingKey {
            case state
        }

        let outcome: Outcome?

        init(from decoder: any Decoder) throws {
            let state = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .state)
            outcome = try Outcome.State(rawValue: state).map { _ in try Outcome(from: decoder).inOneLine }
        }
    }

    /// Reads a batch; outcomes in states that are not known here are left out.
    ///
    /// - Throws: `DecodingError` where anything else is not as it should be.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        service = try fields.decode(String.self, forKey: .service)
        outcomes = try fields.decode([Element].self, forKey: .outcomes).compactMap(\.outcome)
    }
}
