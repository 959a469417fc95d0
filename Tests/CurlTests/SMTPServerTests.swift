import Testing

@testable import Curl

@Suite("The URL of a mail server")
struct SMTPServerTests {
    @Test("scheme, host and port decide how it is talked to")
    func urls() throws {
        let plain = try #require(SMTPServer(url: "smtp://mail.example"))
        #expect(plain.url == "smtp://mail.example:587")
        #expect(plain.security == .required)
        #expect(plain.login == nil)
        #expect(SMTPServer(url: "smtps://mail.example/")?.url == "smtps://mail.example:465")
        #expect(SMTPServer(url: "smtp://müller.example")?.host == "müller.example")
        #expect(SMTPServer(url: "smtp://[::1]:2525", startTLS: .none)?.url == "smtp://[::1]:2525")
        #expect(
            SMTPServer(url: "smtp://u:p%40%25@h:25")?.login == SMTPServer.Login(user: "u", password: "p@%")
        )
    }

    @Test(
        "what is no such URL is refused",
        arguments: [
            "", "mail.example", "http://h", "smtp://", "smtp://h:0", "smtp://h:65536", "smtp://h:x",
            "smtp://u@h",
            "smtp://:p@h", "smtp://u:%zz@h", "smtp://u:%0a@h", "smtp://h/path", "smtp://h?x", "smtp://a b",
            "smtp://h\r\nx", "smtp://[]", "smtp://[::1", "smtp://a:b:25",
            "smtp://\(String(repeating: "h", count: 254))", "smtp://h\u{9D}x", "smtp://h\u{202E}x",
        ]
    )
    func bad(url: String) {
        #expect(SMTPServer(url: url) == nil)
    }

    @Test("a login is in no description, and not in the URL that is shown")
    func secrecy() throws {
        let server = try #require(SMTPServer(url: "smtp://me:pr1vate@h"))
        var dumped = ""
        dump(server, to: &dumped)
        #expect(!("\(server)" + String(reflecting: server) + dumped + server.url).contains("pr1vate"))
    }
}
