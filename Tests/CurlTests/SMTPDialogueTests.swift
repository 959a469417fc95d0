import Testing

@testable import Curl

@Suite("What is said to a mail server")
struct SMTPDialogueTests {
    private func mail(_ recipients: [String] = ["a@b.example"]) -> SMTPMail {
        SMTPMail(sender: "s@x.example", recipients: recipients, content: [])
    }

    private func reply(_ code: Int, _ text: String = "") -> SMTPReply {
        SMTPReply(code: code, lines: [text])
    }

    private func refusal(_ action: SMTPDialogue.Action) throws -> (SMTPError, SMTPDialogue.Connection) {
        guard case .refused(let error, let connection) = action else {
            throw SMTPError(.badMail, "not refused: \(action)")
        }
        return (error, connection)
    }

    @Test("a mail to two goes step by step, each after the answer to the one before")
    func whole() {
        var dialogue = SMTPDialogue(mail(["a@b.example", "c@d.example"]), offersUTF8: false)
        #expect(dialogue.begin(isDirty: true) == .command("RSET"))
        #expect(dialogue.received(reply(250)) == .command("MAIL FROM:<s@x.example>"))
        #expect(dialogue.received(reply(250)) == .command("RCPT TO:<a@b.example>"))
        #expect(dialogue.received(reply(251)) == .command("RCPT TO:<c@d.example>"))
        #expect(dialogue.received(reply(250)) == .command("DATA"))
        #expect(dialogue.received(reply(354)) == .content)
        dialogue.wholeMailIsSent()
        #expect(dialogue.received(reply(250)) == .taken)
    }

    /// Brings a dialogue to a stage: 0 MAIL, 1 RCPT, 2 DATA, 3 content.
    private func dialogue(at stage: Int) -> SMTPDialogue {
        var dialogue = SMTPDialogue(mail(), offersUTF8: false)
        _ = dialogue.begin(isDirty: false)
        for step in 0..<stage { _ = dialogue.received(reply(step == 2 ? 354 : 250)) }
        if stage == 3 { dialogue.wholeMailIsSent() }
        return dialogue
    }

    @Test(
        "each refusal is judged by its code and its place",
        arguments: [
            (0, 451, SMTPError.Kind.unavailable), (0, 550, .refused), (0, 530, .loginRefused),
            (1, 450, .refusedForNow),
            (1, 550, .refused), (1, 421, .unavailable), (2, 451, .refusedForNow), (2, 554, .refused),
            (2, 250, .unavailable), (3, 451, .refusedForNow), (3, 552, .refused), (3, 421, .unavailable),
            (3, 354, .outcomeUnknown), (0, 354, .unavailable),
        ]
    )
    func refusals(stage: Int, code: Int, kind: SMTPError.Kind) throws {
        var dialogue = dialogue(at: stage)
        #expect(try refusal(dialogue.received(reply(code))).0.kind == kind)
    }

    @Test("a connection is good after a refusal, worth a reset, or lost")
    func connections() throws {
        func left(_ stage: Int, _ code: Int) throws -> SMTPDialogue.Connection {
            var dialogue = dialogue(at: stage)
            return try refusal(dialogue.received(reply(code))).1
        }
        #expect(try left(1, 550) == .dirty)
        #expect(try left(3, 550) == .clean)
        #expect(try left(1, 421) == .broken)
        #expect(try left(2, 250) == .broken)
    }

    @Test("the outcome is unknown once the whole mail is out, and known before")
    func losses() {
        for stage in 0...2 {
            #expect(dialogue(at: stage).lost(.closed).kind == .connectionLost)
            #expect(dialogue(at: stage).lost(.timedOut).kind == .notSentInTime)
        }
        for loss in [SMTPDialogue.Loss.closed, .timedOut, .malformed] {
            let error = dialogue(at: 3).lost(loss)
            #expect(error.kind == .outcomeUnknown)
            #expect(error.advice == .checkBeforeRetrying)
        }
    }

    @Test("letters outside ASCII go to servers that offer SMTPUTF8, and to no other")
    func letters() throws {
        var able = SMTPDialogue(mail(["jürgen@b.example"]), offersUTF8: true)
        #expect(able.begin(isDirty: false) == .command("MAIL FROM:<s@x.example> SMTPUTF8"))
        var unable = SMTPDialogue(mail(["jürgen@b.example"]), offersUTF8: false)
        let (error, _) = try refusal(unable.begin(isDirty: false))
        #expect(error.kind == .needsUTF8)
        #expect(error.advice == .giveUp)
    }

    @Test("an error quotes the code and the status, never the server's words about an address")
    func privacy() throws {
        var one = dialogue(at: 1)
        let (error, _) = try refusal(one.received(reply(550, "5.1.1 <a@b.example> no such user")))
        #expect(error.description == "the mail server refused a recipient (550 5.1.1)")
        #expect(error.code == 550)
        var two = dialogue(at: 1)
        let (other, _) = try refusal(two.received(reply(550, "a.b.example is unknown")))
        #expect(other.description == "the mail server refused a recipient (550)")
    }

    @Test(
        "an address that could say more than an address is never sent",
        arguments: [
            "a@b>\r\nRCPT TO:<c@d", "a@b\n", "a b@c", "<a@b>", "ab", "a@\u{0}", "a@b\u{2028}", "a@b\u{85}",
            String(repeating: "a", count: 254) + "@b",
        ]
    )
    func injection(address: String) {
        #expect(throws: SMTPError.self) { try mail([address]).check() }
        let sender = SMTPMail(sender: address, recipients: ["a@b"], content: [])
        #expect(throws: SMTPError.self) { try sender.check() }
        #expect(throws: SMTPError.self) { try mail([]).check() }
    }
}

@Suite("Replies and contents of mails")
struct SMTPReplyTests {
    @Test("replies are put together, however they are cut")
    func pieces() throws {
        let text = "250-mail.example\r\n250-SIZE 100\r\n250 SMTPUTF8\r\n354 go\r\n"
        for size in 1...text.utf8.count {
            var reader = SMTPReplyReader()
            var replies: [SMTPReply] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                reader.append(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let reply = try reader.next() { replies.append(reply) }
            }
            #expect(replies.map(\.code) == [250, 354])
            #expect(replies.first?.lines == ["mail.example", "SIZE 100", "SMTPUTF8"])
        }
    }

    @Test(
        "what is no reply is refused",
        arguments: ["HTTP/1.1 400\r\n", "\r\n", "25\r\n", "250x\r\n", "999 no\r\n", "٢٥٠ \r\n"]
    )
    func malformed(text: String) {
        var reader = SMTPReplyReader()
        reader.append(Array(text.utf8))
        #expect(throws: SMTPReplyReader.Malformed.self) { try reader.next() }
    }

    @Test("a reply without end is cut off")
    func endless() {
        var reader = SMTPReplyReader()
        reader.append([UInt8](repeating: 0x32, count: SMTPReplyReader.limit + 1))
        #expect(throws: SMTPReplyReader.Malformed.self) { try reader.next() }
        var lines = SMTPReplyReader()
        lines.append(Array(String(repeating: "250-x\r\n", count: 30_000).utf8))
        #expect(throws: SMTPReplyReader.Malformed.self) { try lines.next() }
    }

    @Test(
        "every line ends with CRLF and no line of the content ends the mail",
        arguments: [
            ("a", "a\r\n"), ("a\r\n", "a\r\n"), ("a\nb", "a\r\nb\r\n"), ("a\rb", "a\r\nb\r\n"),
            (".", "..\r\n"), (".\r\nQUIT", "..\r\nQUIT\r\n"), ("a\n.\nb", "a\r\n..\r\nb\r\n"),
            ("a\r.\rb", "a\r\n..\r\nb\r\n"), ("..a\n.b", "...a\r\n..b\r\n"), ("a.\n", "a.\r\n"), ("", ""),
            ("a\r\n\r\n", "a\r\n\r\n"),
        ]
    )
    func contents(text: String, expected: String) {
        #expect(String(decoding: MailData.encoded(Array(text.utf8)), as: UTF8.self) == expected)
    }
}
