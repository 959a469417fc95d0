import Synchronization

/// Sends mails to one server and keeps connections open between them.
///
/// Any task. Mails are sent on threads of the client's own, one for each connection, never on one of the concurrency
/// pool. Cancelling a task does not abandon its mail: the mail's own timeout bounds the wait.
public final class SMTPClient: Sendable {
    private let lanes: [SMTPLane]
    private let load: Mutex<[Int]>

    /// Creates a client; opens nothing yet.
    ///
    /// - Parameters:
    ///   - server: Where mails go.
    ///   - connections: Most mails at once, at least 1; more of them wait in line.
    public init(_ server: SMTPServer, connections: Int = 4) {
        precondition(connections > 0, "a client needs a connection")
        lanes = (0..<connections).map { SMTPLane(server, number: $0) }
        load = Mutex(Array(repeating: 0, count: connections))
    }

    /// Hands a mail to the server.
    ///
    /// When it returns, the server has taken the responsibility for the mail to all recipients.
    ///
    /// - Throws: ``SMTPError``, whose `advice` tells whether the server may have the mail.
    public func send(_ mail: SMTPMail) async throws(SMTPError) {
        try mail.check()
        let content = MailData.encoded(mail.content)
        let deadline = ContinuousClock.now.advanced(by: mail.timeout)
        let chosen = load.withLock { load in
            let least = load.indices.min { load[$0] < load[$1] } ?? 0
            load[least] += 1
            return least
        }
        defer { load.withLock { $0[chosen] -= 1 } }
        try await lanes[chosen].send(mail, content, by: deadline)
    }
}
