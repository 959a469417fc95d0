import Curl
import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

/// The client against `aiosmtpd`, without the rest of the system.
@Suite("Mails through a real mail server")
struct NotificationSMTPTests {
    private func mail(
        to recipient: String = "a@b.example",
        _ content: String = "Subject: Hi\r\n\r\nText\r\n",
        timeout: Duration = .seconds(20)
    ) -> SMTPMail {
        SMTPMail(
            sender: "shop@x.example",
            recipients: [recipient],
            content: Array(content.utf8),
            timeout: timeout
        )
    }

    private func server(
        _ port: Int,
        _ security: SMTPServer.Security = .none,
        login: SMTPServer.Login? = nil,
        trusting authorities: String? = nil
    ) -> SMTPServer {
        SMTPServer(
            host: "localhost",
            port: port,
            security: security,
            login: login,
            authorities: authorities
        )
    }

    private func error(_ client: SMTPClient, _ mail: SMTPMail) async throws -> SMTPError {
        try #require(await #expect(throws: SMTPError.self) { try await client.send(mail) })
    }

    @Test("many mails go over one connection, each as it was written, dots included")
    func plain() async throws {
        try await PythonServer.run("smtp_server") { python in
            let client = SMTPClient(server(python.port), connections: 1)
            let texts = [
                ".", "..\r\n.x", "a\r\n.\r\nMAIL FROM:<evil@x>\r\n", "no end",
                String(repeating: ".y\r\n", count: 50_000),
            ]
            for text in texts { try await client.send(mail("Subject: Hi\r\n\r\n" + text)) }
            let expected = texts.map { text in
                let whole = "Subject: Hi\r\n\r\n" + text
                return whole.hasSuffix("\r\n") ? whole : whole + "\r\n"
            }
            #expect(try python.mails() == expected)
            #expect(try python.events("connection").count == 1)
            #expect(try python.events("mail").first?.recipients == ["a@b.example"])
        }
    }

    @Test("TLS from the first byte and by STARTTLS, with a login", arguments: ["implicit", "starttls"])
    func protected(way: String) async throws {
        let directory = try await PythonServer.certified()
        let certificate = directory.text(of: "cert.pem")
        try await PythonServer.run("smtp_server", ["--tls", way, "--login", "me", "s3cr3t"], in: directory) {
            python in
            let security: SMTPServer.Security = way == "implicit" ? .implicit : .required
            let login = SMTPServer.Login(user: "me", password: "s3cr3t")
            let good = SMTPClient(server(python.port, security, login: login, trusting: certificate))
            try await good.send(mail())
            let taken = try #require(python.events("mail").first)
            #expect(taken.tls == true)
            #expect(taken.authenticated == true)
            let wrong = SMTPServer.Login(user: "me", password: "wr0ng")
            let bad = SMTPClient(server(python.port, security, login: wrong, trusting: certificate))
            let refused = try await error(bad, mail())
            #expect(refused.kind == .loginRefused)
            #expect(refused.code == 535)
            #expect(refused.isServerFault && refused.advice == .retryLater)
            #expect(!refused.description.contains("wr0ng"))
            let anonymous = SMTPClient(server(python.port, security, trusting: certificate))
            #expect(try await error(anonymous, mail()).kind == .loginRefused)
            // Nobody vouches for the certificate, or it names another host.
            let stranger = try await error(SMTPClient(server(python.port, security, login: login)), mail())
            #expect(stranger.kind == .insecure)
            #expect(stranger.advice == .retryLater)
            #expect(try python.events("mail").count == 1)
        }
    }

    @Test("a server without STARTTLS gets no mail where it is required, and none with a login")
    func unprotected() async throws {
        try await PythonServer.run("smtp_server") { python in
            let required = SMTPClient(server(python.port, .required))
            #expect(try await error(required, mail()).kind == .insecure)
            let login = SMTPServer.Login(user: "me", password: "s3cr3t")
            let unable = SMTPClient(server(python.port, .none, login: login))
            #expect(try await error(unable, mail()).kind == .loginRefused)
            #expect(try python.events("mail").isEmpty)
            try await SMTPClient(server(python.port, .opportunistic)).send(mail())
            #expect(try python.events("mail").count == 1)
        }
    }

    @Test("a refusal for now, for good, and at the door are told apart, and the connection stays good")
    func refusals() async throws {
        try await PythonServer.run("smtp_server") { python in
            let client = SMTPClient(server(python.port), connections: 1)
            try python.control(#"{"mode": "451", "times": 1}"#)
            let later = try await error(client, mail())
            #expect(later.kind == .refusedForNow)
            #expect(later.code == 451)
            #expect(!later.isServerFault)
            try await client.send(mail())
            try python.control(#"{"mode": "550"}"#)
            let never = try await error(client, mail())
            #expect(never.advice == .giveUp)
            #expect(never.description == "the mail server refused a recipient (550 5.1.1)")
            try python.control(#"{"mode": "accept"}"#)
            try await client.send(mail())
            #expect(try python.events("connection").count == 1)
            try python.control(#"{"mode": "greet421"}"#)
            let busy = try await error(SMTPClient(server(python.port)), mail())
            #expect(busy.isServerFault && busy.advice == .retryLater)
            #expect(busy.code == 421)
        }
    }

    @Test(
        "a server that hangs, or goes away, after it has the whole mail leaves the outcome unknown",
        arguments: ["hang", "lose"]
    )
    func unknown(mode: String) async throws {
        try await PythonServer.run("smtp_server") { python in
            let client = SMTPClient(server(python.port), connections: 1)
            try await client.send(mail())
            try python.control(#"{"mode": "\#(mode)"}"#)
            let start = ContinuousClock.now
            let cut = try await error(client, mail(timeout: .seconds(2)))
            #expect(cut.kind == .outcomeUnknown)
            #expect(cut.advice == .checkBeforeRetrying)
            #expect(start.duration(to: .now) < .seconds(10))
            try python.control(#"{"mode": "accept"}"#)
            try await client.send(mail())
        }
    }

    @Test("nobody there, and a door that never opens, are known not to have the mail")
    func unreachable() async throws {
        let port = try await PythonServer.run("smtp_server") { $0.port }
        let gone = try await error(SMTPClient(server(port)), mail())
        #expect(gone.kind == .unreachable)
        #expect(gone.advice == .retryLater)
        let nowhere = SMTPServer(host: "host.invalid", port: 25, security: .none)
        #expect(try await error(SMTPClient(nowhere), mail()).kind == .unreachable)
        // Speaks HTTP, so that no greeting ever comes.
        try await PythonServer.run("webhook_server", ["x"]) { python in
            var silent = server(python.port)
            silent.connectTimeout = .seconds(1)
            let start = ContinuousClock.now
            let late = try await error(SMTPClient(silent), mail())
            #expect(late.kind == .notSentInTime)
            #expect(start.duration(to: .now) < .seconds(8))
        }
    }

    @Test("a server that was started again is found by the next mail, on a new connection")
    func restarted() async throws {
        let directory = try TemporaryDirectory("python-server")
        let client = try await PythonServer.run("smtp_server", in: directory) { python in
            let client = SMTPClient(server(python.port), connections: 1)
            try await client.send(mail())
            return (client, python.port)
        }
        try await PythonServer.run("smtp_server", ["--port", "\(client.1)"], in: directory) { python in
            try await client.0.send(mail())
            #expect(try python.events("connection").count == 2)
        }
    }

    @Test("letters outside ASCII in an address need a server that takes them")
    func letters() async throws {
        try await PythonServer.run("smtp_server") { python in
            try await SMTPClient(server(python.port)).send(mail(to: "jürgen@größe.example"))
            let taken = try #require(python.events("mail").first)
            #expect(taken.recipients == ["jürgen@größe.example"])
            #expect(taken.utf8 == true)
        }
        try await PythonServer.run("smtp_server", ["--ascii"]) { python in
            let client = SMTPClient(server(python.port), connections: 1)
            let refused = try await error(client, mail(to: "jürgen@größe.example"))
            #expect(refused.kind == .needsUTF8)
            #expect(refused.advice == .giveUp)
            try await client.send(mail())
            #expect(try python.events("mail").count == 1)
        }
    }

    @Test("200 mails at once share four connections and arrive once each")
    func many() async throws {
        try await PythonServer.run("smtp_server") { python in
            let client = SMTPClient(server(python.port), connections: 4)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask { try await client.send(mail("Subject: \(number)\r\n\r\n.\r\n")) }
                }
                try await group.waitForAll()
            }
            #expect(try Set(python.mails()).count == 200)
            #expect(try python.mails().count == 200)
            #expect(try python.events("connection").count <= 4)
        }
    }
}
