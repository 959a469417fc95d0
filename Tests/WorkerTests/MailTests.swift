import Foundation
import OrderEvents
import ServiceKit
import TestSupport
import Testing

@testable import NotificationWorker

private func mail(
    to recipient: CustomerMessage.Recipient = .user(123),
    name: String? = nil,
    subject: String = "Order Confirmation",
    text: String = "Your order of $1999.98 has been confirmed!",
    html: String? = nil,
    eventID: String = "0190a8c0-1111-7000-8000-000000000002"
) -> CustomerMessage {
    CustomerMessage(
        eventID: eventID,
        orderID: "o1",
        userID: 123,
        recipient: recipient,
        name: name,
        subject: subject,
        text: text,
        html: html,
        writtenAt: Timestamp(milliseconds: 1_767_323_045_678)
    )
}

private let sender = MailText(from: MailAddress(name: "Orders", address: "orders@shop.example"))

@Suite("The text of a mail")
struct MailTextTests {
    @Test("a mail is exactly this")
    func golden() throws {
        #expect(
            try sender.render(mail()) == """
                Date: Fri, 02 Jan 2026 03:04:05 +0000\r
                From: "Orders" <orders@shop.example>\r
                To: "user 123" <user-123@customers.invalid>\r
                Subject: Order Confirmation\r
                Message-ID: <0190a8c0-1111-7000-8000-000000000002@shop.example>\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                Your order of $1999.98 has been confirmed!\r

                """
        )
    }

    @Test("a mail with a page has both, the page last")
    func alternatives() throws {
        let text = try sender.render(mail(text: "Größe --=_part\n--=_part--", html: "<p>Größe</p>"))
        #expect(
            text.hasSuffix(
                """
                MIME-Version: 1.0\r
                Content-Type: multipart/alternative; boundary="=_part"\r
                \r
                --=_part\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                Gr=C3=B6=C3=9Fe --=3D_part\r
                --=3D_part--\r
                --=_part\r
                Content-Type: text/html; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                <p>Gr=C3=B6=C3=9Fe</p>\r
                --=_part--\r

                """
            )
        )
    }

    @Test("a customer's name is shown, and can neither add a header nor an address")
    func names() throws {
        func line(_ name: String) throws -> String? {
            try sender.render(mail(to: .address("a@b.example"), name: name))
                .components(separatedBy: "\r\n").first { $0.hasPrefix("To: ") }
        }
        #expect(try line("Ada Lovelace") == "To: \"Ada Lovelace\" <a@b.example>")
        #expect(try line("A\", <x@y>, \\") == #"To: "A\", <x@y>, \\" <a@b.example>"#)
        #expect(try line("Jürgen")?.hasPrefix("To: =?utf-8?B?SsO8cmdlbg==?= <a@b") == true)
        // A reader must not find an address in a word that was never encoded by us.
        #expect(try line("=?utf-8?Q?x=40y=3E=2C?=")?.hasPrefix("To: =?utf-8?B?PT91dGY") == true)
        #expect(try line("a\u{202E}b") == #"To: "a b" <a@b.example>"#)
        #expect(try line("x\u{2028}, <y@z>") == #"To: "x , <y@z>" <a@b.example>"#)
        let text = try sender.render(mail(to: .address("a@b.example"), name: "x\r\nBcc: all@shop.example"))
        #expect(!text.contains("\nBcc"))
    }

    @Test("what is not ASCII is encoded in headers and body, with no line too long")
    func foreign() throws {
        let long = String(repeating: "Bestätigung für Ihre Bestellung 📦 ", count: 6)
        let text = try sender.render(
            mail(to: .address("a@b.example"), subject: long, text: "Größe = 5 \n" + long)
        )
        #expect(text.utf8.allSatisfy { $0 < 0x7F })
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.count <= 78 })
        #expect(lines.contains("Gr=C3=B6=C3=9Fe =3D 5=20"))
        #expect(lines.contains("To: a@b.example"))
        let words = text.matches(of: /=\?utf-8\?B\?([A-Za-z0-9+\/=]+)\?=/)
        #expect(words.allSatisfy { $0.output.0.count <= 75 })
        let decoded = words.compactMap { Data(base64Encoded: String($0.output.1)) }
        #expect(decoded.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
        #expect(String(decoding: decoded.reduce(Data(), +), as: UTF8.self) == long)
    }

    @Test("a subject cannot add a header")
    func subjectInjection() throws {
        let text = try sender.render(mail(subject: "Hi\r\nBcc: all@shop.example\nX: y\u{2028}z"))
        #expect(
            text.components(separatedBy: "\r\n").filter { $0.hasPrefix("Bcc") || $0.hasPrefix("X") }.isEmpty
        )
        #expect(text.components(separatedBy: "\r\n\r\n").count == 2)
    }

    @Test("a text that only looks encoded is encoded, so that a reader shows it as it is")
    func looksEncoded() {
        #expect(HeaderText.encoded("=?utf-8?B?SGk=?=", indent: 0).contains("PT91dGYt"))
    }

    @Test(
        "an address that could be more than one address is refused for good",
        arguments: [
            "a@b\r\nBcc: c@d", "a@b, c@d", "a@b;c@d", "<a@b>", "a b@c", "a@b@c", "@b", "a@", "", "a@b\u{0}",
            "\"a\"@b", "a\u{2028}@b", "a\u{202E}b@c", "a@b\u{FEFF}", "a>RCPT@b", "a\t@b", "a\u{85}@b",
            String(repeating: "a", count: 300) + "@b",
        ]
    )
    func badAddress(address: String) {
        let error = #expect(throws: TransportError.self) { try sender.render(mail(to: .address(address))) }
        #expect(error == TransportError(advice: .giveUp, detail: "the recipient's address cannot be used"))
    }

    @Test(
        "every day is named right",
        arguments: [(0, "Thu, 01 Jan 1970"), (951_782_400, "Tue, 29 Feb 2000")]
    )
    func dates(seconds: Int, expected: String) {
        #expect(
            MailText.date(Timestamp(milliseconds: Int64(seconds) * 1_000)) == "\(expected) 00:00:00 +0000"
        )
    }

    @Test("foreign text becomes a harmless file name, and long texts stay apart")
    func fileNames() {
        #expect(SafeName.make(from: "../a b/ü") == "%2e%2e%2fa%20b%2f%c3%bc")
        let long = String(repeating: "x", count: 300)
        #expect(SafeName.make(from: long + "1") != SafeName.make(from: long + "2"))
        #expect(SafeName.make(from: long).count <= 120)
    }
}

@Suite("The maildir")
struct FileTransportTests {
    private let scratch: Scratch
    private let transport: FileTransport
    private var box: String { scratch.path("mail") }

    init() throws {
        scratch = try Scratch()
        transport = try FileTransport(
            directory: scratch.path("mail"),
            from: MailAddress(name: "Orders", address: "orders@shop.example")
        )
    }

    private func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(box)/\(folder)")
    }

    @Test("a mail is one file under new, and nothing is left under tmp")
    func delivered() async throws {
        try await transport.send(mail())
        let name = "0190a8c0-1111-7000-8000-000000000002.eml"
        #expect(try files("new") == [name])
        #expect(try files("tmp").isEmpty)
        let content = try Data(contentsOf: URL(filePath: "\(box)/new/\(name)"))
        #expect(try String(decoding: content, as: UTF8.self) == sender.render(mail()))
    }

    @Test("the same event again, even at the same time, replaces its own mail")
    func replaced() async throws {
        try await withThrowingTaskGroup { [transport] group in
            for _ in 0..<8 { group.addTask { try await transport.send(mail()) } }
            try await group.waitForAll()
        }
        #expect(try files("new").count == 1)
        #expect(try files("tmp").isEmpty)
    }

    @Test("an event id cannot name a place outside the maildir")
    func escaping() async throws {
        try await transport.send(mail(eventID: "../../evil"))
        #expect(try files("new") == ["%2e%2e%2f%2e%2e%2fevil.eml"])
    }

    @Test("a maildir that vanished is worth another attempt later")
    func vanished() async throws {
        try FileManager.default.removeItem(atPath: box)
        let error = await #expect(throws: TransportError.self) { try await transport.send(mail()) }
        #expect(error?.advice == .retryLater)
    }

    @Test("a maildir that cannot be made stops the start, naming the setting")
    func impossible() throws {
        let error = #expect(throws: StartError.self) {
            try FileTransport(directory: "/dev/null/mail", from: MailAddress(name: "", address: "a@b"))
        }
        #expect(error?.exitCode == .settings)
        #expect(error?.explanation.hasPrefix("notification.directory: cannot make /dev/null/mail") == true)
    }
}
