/// Why a mail was not taken.
public struct SMTPError: Error, Equatable, CustomStringConvertible {
    /// What happened, and whether the server may have the mail.
    public enum Kind: Equatable, Sendable {
        /// The mail's envelope cannot be sent. Nothing was sent.
        case badMail
        /// An address needs SMTPUTF8, which the server does not offer. Nothing was sent.
        case needsUTF8
        /// No connection: no such host, nobody answers, the greeting is a refusal. Nothing was sent.
        case unreachable
        /// TLS failed: no STARTTLS, or a certificate that cannot be verified. Nothing was sent.
        case insecure
        /// The server does not accept the login, or wants one. Nothing was sent.
        case loginRefused
        /// The deadline passed before the whole mail was there. The server has not taken it.
        case notSentInTime
        /// The connection broke before the whole mail was there. The server has not taken it.
        case connectionLost
        /// The server is not taking mails now (421, or an answer that is none). It has not taken this one.
        case unavailable
        /// The server refuses this mail for now (4xx). It has not taken it.
        case refusedForNow
        /// The server refuses this mail for good (5xx). It has not taken it.
        case refused
        /// The connection broke, or the deadline passed, after the whole mail was sent: the server may have it.
        case outcomeUnknown
    }

    /// What a caller may sensibly do.
    public enum Advice: Equatable, Sendable {
        /// The server does not have the mail; it may be sent again.
        case retryLater
        /// Find out first, or send it again with the same `Message-ID`.
        case checkBeforeRetrying
        /// The same mail will be refused again.
        case giveUp
    }

    /// What happened.
    public let kind: Kind
    /// The server's reply code, 200 to 599, where there was one.
    public let code: Int?
    /// One line, without login, address or content.
    public let description: String

    /// What to do next.
    public var advice: Advice {
        switch kind {
        case .badMail, .needsUTF8, .refused: .giveUp
        case .outcomeUnknown: .checkBeforeRetrying
        case .unreachable, .insecure, .loginRefused, .notSentInTime, .connectionLost, .unavailable,
            .refusedForNow:
            .retryLater
        }
    }

    /// Whether the fault is the server's, or the way's to it, so that other mails would meet it too.
    public var isServerFault: Bool {
        switch kind {
        case .badMail, .needsUTF8, .refused, .refusedForNow: false
        case .unreachable, .insecure, .loginRefused, .notSentInTime, .connectionLost, .unavailable,
            .outcomeUnknown:
            true
        }
    }

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - description: One line, without login, address or content.
    ///   - code: The server's reply code.
    public init(_ kind: Kind, _ description: String, code: Int? = nil) {
        self.kind = kind
        self.description = description
        self.code = code
    }
}
