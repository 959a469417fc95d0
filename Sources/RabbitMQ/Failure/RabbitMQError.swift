/// A failure of the broker client.
public struct RabbitMQError: Error, Hashable, Sendable {
    /// What happened, and who caused it.
    public enum Kind: Hashable, Sendable {
        /// Nothing answers at the endpoint. Nothing was sent.
        case unreachable
        /// The broker refused on purpose: repeating the same request will not help until somebody changes something.
        case refused(ReplyCode)
        /// No secure connection came about: who answers did not prove to be the broker, or refused who we are.
        ///
        /// Nothing of AMQP was sent, no password either. A person has to change a certificate or a setting.
        case insecure
        /// The broker sent what AMQP does not allow, or more than this client takes.
        case malformed
        /// The broker said nothing for two heartbeats.
        case silent
        /// The connection ended before the answer. The effect may have happened.
        case outcomeUnknown
        /// The deadline came first. The effect may have happened if the request was sent.
        case deadlineExceeded
        /// Too much is waiting already. Nothing was sent.
        case busy
        /// This client is stopped or was never run. Nothing was sent.
        case shutDown
    }

    /// What a caller may sensibly do.
    public enum Advice: Sendable {
        /// Nothing happened; the same request may work later.
        case retryLater
        /// It may have happened; find out, or repeat only what is safe to repeat.
        case checkBeforeRetrying
        /// A person has to change something first.
        case giveUp
    }

    /// What was being attempted.
    public enum Operation: String, Sendable {
        case resolve, connect, logIn = "log in", declare, verify, inspect, publish, consume, get, delete, run
    }

    /// What happened.
    public let kind: Kind
    /// What was being attempted.
    public let operation: Operation
    /// One line with the broker's or the system's words; no secret, no payload.
    public let detail: String

    /// Creates an error.
    public init(_ kind: Kind, during operation: Operation, _ detail: String) {
        self.kind = kind
        self.operation = operation
        self.detail = detail
    }

    /// What to do next; decided here so that callers need not know every kind.
    public var advice: Advice {
        switch kind {
        case .unreachable, .silent, .busy: .retryLater
        case .outcomeUnknown, .deadlineExceeded, .malformed: .checkBeforeRetrying
        case .refused, .insecure, .shutDown: .giveUp
        }
    }
}

extension RabbitMQError: CustomStringConvertible {
    /// One line, safe to show.
    public var description: String {
        switch kind {
        case .unreachable: "no broker: \(detail)"
        case .refused(.notFound) where operation == .verify: detail
        case .refused(let code): "the broker refused to \(operation.rawValue): \(code) \(detail)"
        case .insecure: "no secure connection: \(detail)"
        case .malformed: "the broker broke the protocol: \(detail)"
        case .silent: "the broker is silent: \(detail)"
        case .outcomeUnknown: "outcome of \(operation.rawValue) unknown: \(detail)"
        case .deadlineExceeded: "no answer to \(operation.rawValue) in time: \(detail)"
        case .busy: "too much waiting to \(operation.rawValue): \(detail)"
        case .shutDown: "the broker client is not running: \(detail)"
        }
    }
}
