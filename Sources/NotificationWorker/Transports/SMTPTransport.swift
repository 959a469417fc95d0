import Curl

/// Hands mails to a mail server.
///
/// A repeat has the same `Message-ID`, by which mail servers and readers recognise it.
struct SMTPTransport: MessageTransport {
    private let client: SMTPClient
    private let text: MailText
    private let timeout: Duration

    var doneNote: String { "Mail sent to the customer" }
    var addressNeeded: String? { "e-mail address" }

    init(_ server: SMTPServer, connections: Int, timeout: Duration, from: MailAddress) {
        client = SMTPClient(server, connections: connections)
        text = MailText(from: from)
        self.timeout = timeout
    }

    func send(_ message: CustomerMessage) async throws(TransportError) {
        guard case .address(let recipient) = message.recipient else {
            throw TransportError(advice: .giveUp, detail: "there is no address to write to")
        }
        let content = try text.render(message)
        let mail = SMTPMail(
            sender: text.from.address,
            recipients: [recipient],
            content: Array(content.utf8),
            timeout: timeout
        )
        do throws(SMTPError) {
            try await client.send(mail)
        } catch {
            throw TransportError(error)
        }
    }
}

extension TransportError {
    /// What a mail server's refusal means.
    init(_ error: SMTPError) {
        let advice: Advice =
            switch error.advice {
            case .retryLater: .retryLater
            case .checkBeforeRetrying: .sendAgain
            case .giveUp: .giveUp
            }
        self.init(
            advice: advice,
            blame: error.isServerFault ? .transport : error.kind == .badMail ? .message : .answered,
            detail: error.description
        )
    }
}
