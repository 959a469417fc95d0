import Curl
import TestSupport
import Testing

@testable import NotificationWorker
@testable import ServiceKit

@Suite("The notification worker's settings")
struct NotificationSettingsTests {
    private func read(_ environment: [String: String]) async throws -> NotificationSettings {
        let nowhere = ["--config-directory", "/nowhere"]
        return try await NotificationProgram.program.program
            .readSettings(arguments: nowhere, environment: environment).0.own
    }

    private func problems(_ environment: [String: String]) async throws -> [String] {
        let error = await #expect(throws: SettingsError.self) { try await read(environment) }
        #expect(error?.exitCode == .settings)
        return error?.problems ?? []
    }

    @Test("without any, messages are announced and leave nowhere")
    func usual() async throws {
        let settings = try await read([:])
        #expect(settings.transport == .log)
        #expect(settings.smtp.server == nil)
        #expect(settings.rate == nil)
        #expect(!settings.postsShortTexts)
    }

    @Test("a transport that needs an address of its own server does not start without it")
    func incomplete() async throws {
        let smtp = try await problems(["NOTIFICATION_TRANSPORT": "smtp"])
        #expect(smtp == ["smtp.url: must be set for the transport smtp"])
        for name in ["sms", "webhook"] {
            #expect(try await problems(["NOTIFICATION_TRANSPORT": name]).count == 2)
        }
        let sms = try await problems(["NOTIFICATION_SMS_TRANSPORT": "webhook", "WEBHOOK_URL": "http://h/x"])
        #expect(sms == ["webhook.secret: must be set for the transport webhook"])
    }

    @Test("a mail server's URL has everything, or the login stands beside it")
    func server() async throws {
        let one = try await read(["SMTP_URL": "smtps://us%40er:p%3Ass@mail.example"])
        #expect(one.smtp.server?.login == SMTPServer.Login(user: "us@er", password: "p:ss"))
        #expect(one.smtp.server?.port == 465)
        #expect(one.smtp.server?.security == .implicit)
        let two = try await read([
            "SMTP_URL": "smtp://mail.example:2525", "SMTP_USER": "me", "SMTP_PASSWORD": "s3cret",
            "SMTP_TLS": "none", "SMTP_CA_FILE": #filePath, "SMTP_CONNECT_TIMEOUT": "2s",
        ])
        let server = try #require(two.smtp.server)
        #expect(server.url == "smtp://mail.example:2525")
        #expect(server.login == SMTPServer.Login(user: "me", password: "s3cret"))
        #expect(server.security == .none)
        #expect(server.authorities == #filePath)
        #expect(server.connectTimeout == .seconds(2))
    }

    @Test("a login that contradicts itself, or would go out in the open by surprise, is refused")
    func logins() async throws {
        let url = "smtp://mail.example"
        #expect(
            try await problems(["SMTP_URL": url, "SMTP_USER": "me"]).first?.hasPrefix("smtp.user") == true
        )
        let both = ["SMTP_URL": "smtp://a:b@mail.example", "SMTP_USER": "me", "SMTP_PASSWORD": "x"]
        #expect(try await problems(both) == ["smtp.user: the login is in smtp.url already"])
        let open = ["SMTP_URL": "smtp://a:b@mail.example", "SMTP_TLS": "opportunistic"]
        #expect(try await problems(open).first?.hasPrefix("smtp.tls: opportunistic would show") == true)
    }

    @Test("no secret is in any message or description")
    func secrets() async throws {
        let bad = try await problems([
            "SMTP_URL": "smtp://me:pr1vate@", "WEBHOOK_URL": "ftp://pr1vate", "SMTP_PASSWORD": "pr1vate\n",
        ])
        #expect(bad.count >= 3)
        #expect(!bad.joined().contains("pr1vate"))
        let good = try await read([
            "SMTP_URL": "smtp://me:pr1vate@mail.example", "WEBHOOK_URL": "http://h/pr1vate",
            "WEBHOOK_SECRET": "pr1vate",
        ])
        #expect(!"\(good)".contains("pr1vate"))
        #expect(!String(reflecting: good).contains("pr1vate"))
    }

    @Test(
        "a rate is messages a second, or unlimited",
        arguments: [("10", 10.0), ("0.5", 0.5), ("unlimited", nil)]
    )
    func rates(text: String, rate: Double?) async throws {
        #expect(try await read(["NOTIFICATION_RATE": text]).rate == rate)
    }

    @Test("a rate that is none is refused", arguments: ["0", "-1", "fast", "nan", "inf", "10001"])
    func badRates(text: String) async throws {
        #expect(
            try await problems(["NOTIFICATION_RATE": text]).first?.hasPrefix("notification.rate: must be")
                == true
        )
    }
}
