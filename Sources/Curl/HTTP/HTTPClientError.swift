/// Why a request has no answer.
public struct HTTPClientError: Error, Equatable, CustomStringConvertible {
    /// What happened, and whether the server may have acted on the request.
    public enum Kind: Equatable, Sendable {
        /// The URL or a header cannot be sent. Nothing was sent.
        case badRequest
        /// Nothing answers there. Nothing was sent.
        case unreachable
        /// The deadline passed before anything was sent.
        case notSentInTime
        /// The connection broke, or the deadline passed, after something was sent: it may have happened.
        case outcomeUnknown
        /// The answer is larger than the client takes. The server has acted on the request.
        case tooLarge
    }

    /// What a caller may sensibly do.
    public enum Advice: Equatable, Sendable {
        /// Nothing has happened; the same request may be sent again.
        case retryLater
        /// Find out first, or send it with an idempotency key.
        case checkBeforeRetrying
        /// The same request will fail again.
        case giveUp
    }

    /// What happened.
    public let kind: Kind
    /// One line, without credentials.
    public let description: String

    /// What to do next.
    public var advice: Advice {
        switch kind {
        case .unreachable, .notSentInTime: .retryLater
        case .outcomeUnknown: .checkBeforeRetrying
        case .badRequest, .tooLarge: .giveUp
        }
    }
}
