/// What is said to a server, from its readiness to the end of one mail.
///
/// Pure.
/// ```text
/// resetting ─▶ MAIL ─▶ RCPT … RCPT ─▶ DATA ─▶ content ─▶ taken
///      └──────────┴────────┴───────────┴─────────┴──▶ refused, lost
/// ```
struct SMTPDialogue {
    /// What to do next.
    enum Action: Equatable {
        /// Send this line, then wait for a reply.
        case command(String)
        /// Send the content, then its terminator, then wait for a reply.
        case content
        /// The server has the mail.
        case taken
        /// It has not; `reset` leaves the connection good for another mail once it is reset.
        case refused(SMTPError, connection: Connection)
    }

    /// What a refusal leaves of the connection.
    enum Connection: Equatable {
        /// Good for another mail.
        case clean
        /// Good after `RSET`.
        case dirty
        /// Worth nothing.
        case broken
    }

    /// How the connection ended.
    enum Loss: Equatable {
        case closed
        case timedOut
        case malformed
    }

    private enum Stage: Equatable {
        case resetting
        case sender
        case recipient(Int)
        case data
        case content
    }

    private let mail: SMTPMail
    private let offersUTF8: Bool
    private var stage = Stage.sender
    private var isWholeMailSent = false
    /// Whether the server has answered anything yet.
    private(set) var wasAnswered = false

    /// - Parameters:
    ///   - mail: Checked.
    ///   - offersUTF8: Whether the server's answer to EHLO had SMTPUTF8.
    init(_ mail: SMTPMail, offersUTF8: Bool) {
        self.mail = mail
        self.offersUTF8 = offersUTF8
    }

    /// Begins.
    ///
    /// - Parameter isDirty: Whether a transaction was left open.
    /// - Returns: What to do first.
    mutating func begin(isDirty: Bool) -> Action {
        guard !mail.needsUTF8 || offersUTF8 else {
            let text =
                "the mail server does not offer SMTPUTF8, without which letters outside ASCII cannot be in an address"
            return .refused(SMTPError(.needsUTF8, text), connection: isDirty ? .dirty : .clean)
        }
        stage = isDirty ? .resetting : .sender
        return isDirty ? .command("RSET") : mailCommand
    }

    private var mailCommand: Action {
        .command("MAIL FROM:<\(mail.sender)>\(mail.needsUTF8 ? " SMTPUTF8" : "")")
    }

    private func recipientCommand(_ index: Int) -> Action {
        .command("RCPT TO:<\(mail.recipients[index])>")
    }

    /// The terminator is on its way: from here on the server may have the mail.
    mutating func wholeMailIsSent() {
        isWholeMailSent = true
    }

    /// The server answered.
    mutating func received(_ reply: SMTPReply) -> Action {
        wasAnswered = true
        if reply.code == 421 { return .refused(.unavailable(reply), connection: .broken) }
        switch stage {
        case .resetting:
            guard reply.isPositive else { return .refused(.unavailable(reply), connection: .broken) }
            stage = .sender
            return mailCommand
        case .sender:
            guard reply.isPositive else { return refusal(reply, of: "the sender") }
            stage = .recipient(0)
            return recipientCommand(0)
        case .recipient(let index):
            guard reply.isPositive else { return refusal(reply, of: "a recipient") }
            guard index + 1 < mail.recipients.count else {
                stage = .data
                return .command("DATA")
            }
            stage = .recipient(index + 1)
            return recipientCommand(index + 1)
        case .data:
            guard reply.code == 354 else { return refusal(reply, of: "the mail") }
            stage = .content
            return .content
        case .content:
            return reply.isPositive ? .taken : refusal(reply, of: "the mail")
        }
    }

    /// The connection ended, or the deadline passed, before the next reply.
    func lost(_ loss: Loss) -> SMTPError {
        guard !isWholeMailSent else {
            let text = "\(Self.text(loss)) after the whole mail was sent: the mail server may have it"
            return SMTPError(.outcomeUnknown, text)
        }
        let kind: SMTPError.Kind =
            switch loss {
            case .closed: .connectionLost
            case .timedOut: .notSentInTime
            case .malformed: .unavailable
            }
        return SMTPError(kind, "\(Self.text(loss)) before the mail was sent")
    }

    private static func text(_ loss: Loss) -> String {
        switch loss {
        case .closed: "the mail server closed the connection"
        case .timedOut: "the mail server did not answer in time"
        case .malformed: "the mail server did not answer as SMTP does"
        }
    }

    private func refusal(_ reply: SMTPReply, of what: String) -> Action {
        // After the content, a refusal ends the transaction; before, it is still open.
        let connection = stage == .content ? Connection.clean : .dirty
        let text = "the mail server refused \(what) (\(reply.safeText))"
        // RFC 4954 section 6: the login is the matter, not this mail.
        if [530, 534, 535, 538].contains(reply.code), stage != .content {
            let text = "the mail server wants a login, or another one (\(reply.safeText))"
            return .refused(SMTPError(.loginRefused, text, code: reply.code), connection: .broken)
        }
        if reply.isForNow {
            // 4xx before a recipient was named is about the server or the sender, which all mails share.
            let kind: SMTPError.Kind = stage == .sender ? .unavailable : .refusedForNow
            return .refused(SMTPError(kind, text + " for now", code: reply.code), connection: connection)
        }
        guard (500...599).contains(reply.code) else { return .refused(lost(.malformed), connection: .broken) }
        return .refused(SMTPError(.refused, text, code: reply.code), connection: connection)
    }
}

extension SMTPError {
    static func unavailable(_ reply: SMTPReply) -> SMTPError {
        SMTPError(.unavailable, "the mail server is not available (\(reply.safeText))", code: reply.code)
    }
}
