/// One connection at a time to a mail server, with the thread that blocks on it.
actor SMTPLane {
    private let server: SMTPServer
    private let executor: ThreadExecutor
    private var connection: SMTPConnection?

    /// Servers close idle connections after minutes, what stands between forgets them sooner and says nothing.
    private static let longestIdle = Duration.seconds(30)

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(_ server: SMTPServer, number: Int) {
        self.server = server
        executor = ThreadExecutor(label: "smtp-client-\(number)")
    }

    /// Blocks the lane's own thread until the server has the mail or the deadline has passed.
    ///
    /// - Parameters:
    ///   - mail: Checked.
    ///   - content: Encoded.
    ///   - deadline: Of everything.
    /// - Throws: ``SMTPError``.
    func send(
        _ mail: SMTPMail,
        _ content: [UInt8],
        by deadline: ContinuousClock.Instant
    ) throws(SMTPError) {
        guard ContinuousClock.now < deadline else {
            throw SMTPError(.notSentInTime, "no free connection to the mail server within \(mail.timeout)")
        }
        if let open = connection {
            connection = nil
            if open.isUsable(idleFor: Self.longestIdle) {
                do throws(SMTPExchange.Failure) {
                    return try exchange(mail, content, over: open, by: deadline)
                } catch {
                    // The server had closed it a moment ago: a new connection says nothing twice.
                    guard !error.wasAnswered, error.error.kind == .connectionLost else { throw error.error }
                }
            }
            open.abandon()
        }
        let fresh = try SMTPConnection(server, by: deadline)
        do throws(SMTPExchange.Failure) {
            try exchange(mail, content, over: fresh, by: deadline)
        } catch {
            throw error.error
        }
    }

    private func exchange(
        _ mail: SMTPMail,
        _ content: [UInt8],
        over connection: SMTPConnection,
        by deadline: ContinuousClock.Instant
    ) throws(SMTPExchange.Failure) {
        var exchange = SMTPExchange(mail: mail, content: content, connection: connection, deadline: deadline)
        do throws(SMTPExchange.Failure) {
            try exchange.run()
            connection.mark(.clean)
            self.connection = connection
        } catch {
            if error.connection == .broken {
                connection.abandon()
            } else {
                connection.mark(error.connection)
                self.connection = connection
            }
            throw error
        }
    }
}

/// One mail over one connection.
struct SMTPExchange {
    /// Why the mail was not taken, and what that leaves.
    struct Failure: Error {
        var error: SMTPError
        var connection: SMTPDialogue.Connection
        var wasAnswered: Bool
    }

    private let content: [UInt8]
    private let connection: SMTPConnection
    private let deadline: ContinuousClock.Instant
    private var dialogue: SMTPDialogue
    private var replies = SMTPReplyReader()

    init(mail: SMTPMail, content: [UInt8], connection: SMTPConnection, deadline: ContinuousClock.Instant) {
        self.content = content
        self.connection = connection
        self.deadline = deadline
        dialogue = SMTPDialogue(mail, offersUTF8: connection.offers("SMTPUTF8"))
    }

    /// Blocks until the server has the mail.
    ///
    /// - Throws: ``Failure``.
    mutating func run() throws(Failure) {
        var action = dialogue.begin(isDirty: connection.isDirty)
        while true {
            switch action {
            case .command(let line):
                try attempt { (link) throws(SMTPConnection.Broken) in
                    try link.send(Array("\(line)\r\n".utf8), by: deadline)
                }
            case .content:
                try attempt { (link) throws(SMTPConnection.Broken) in try link.send(content, by: deadline) }
                dialogue.wholeMailIsSent()
                try attempt { (link) throws(SMTPConnection.Broken) in
                    try link.send(MailData.terminator, by: deadline)
                }
            case .taken: return
            case .refused(let error, let connection):
                throw Failure(error: error, connection: connection, wasAnswered: dialogue.wasAnswered)
            }
            action = dialogue.received(try reply())
        }
    }

    private mutating func reply() throws(Failure) -> SMTPReply {
        while true {
            do throws(SMTPReplyReader.Malformed) {
                if let reply = try replies.next() { return reply }
            } catch {
                throw failure(.malformed)
            }
            var bytes: [UInt8] = []
            try attempt { (link) throws(SMTPConnection.Broken) in bytes = try link.receive(by: deadline) }
            replies.append(bytes)
        }
    }

    private func attempt(_ step: (SMTPConnection) throws(SMTPConnection.Broken) -> Void) throws(Failure) {
        do throws(SMTPConnection.Broken) {
            try step(connection)
        } catch {
            throw failure(error.isTimeout ? .timedOut : .closed)
        }
    }

    private func failure(_ loss: SMTPDialogue.Loss) -> Failure {
        Failure(error: dialogue.lost(loss), connection: .broken, wasAnswered: dialogue.wasAnswered)
    }
}
