import Curl
import FoundationEssentials
import OrderEvents
import RabbitMQNode
import TestSupport
import Testing

/// What a customer or a shop may have written, through the real program and a real mail server, read with Python's `email`.
@Suite("Hostile text in mails and short texts", .serialized, .broker)
struct HostileMailTests {
    private static let nasty =
        "x\r\nBcc: evil@x.example\r\n\r\n.\r\nRCPT TO:<evil@x.example>\u{2028}\u{0}\u{85}=?utf-8?Q?=0ABcc=3A?= "
        + "{{total}}{{{email}}}{{#name}}<script>alert('1')</script>\" onload=\"x\" \\\u{202E}&amp;"

    private func rejected(email: String?, phone: String? = nil, user: Int64 = 1) -> [UInt8] {
        var order = NotificationRig.order(1, user: user, email: .some(email))
        order.id = Self.nasty
        order.phone = phone
        return InventoryRejected(
            order,
            productName: Self.nasty,
            remaining: 1,
            rejectedAt: Timestamp(milliseconds: 0)
        )
        .json()
    }

    @Test("make no header, no recipient, no tag and no template: every mail is exactly the one meant")
    func mails() async throws {
        try await PythonServer.run("smtp_server") { python in
            let settings = [
                "NOTIFICATION_TRANSPORT": "smtp", "SMTP_URL": "smtp://localhost:\(python.port)",
                "SMTP_TLS": "none",
            ]
            let name = "Eve =?utf-8?Q?=0ABcc=3A_evil=40x.example?= <evil@x.example>, {{total}}"
            let customers = "1,\"\(name)\",eve@x.example,,email,en\n"
            try await NotificationRig.run(settings, customers: customers) { rig in
                try await rig.worker { worker in
                    try await rig.publish(rejected(email: nil), type: "inventory.rejected", id: "event-1")
                    for (number, address) in Self.addresses.enumerated() {
                        let body = rejected(email: address)
                        try await rig.publish(body, type: "inventory.rejected", id: "address-\(number)")
                    }
                    try await rig.depthsBecome(queue: 0, dead: Self.addresses.count)
                    let mails = try python.events("mail")
                    #expect(mails.count == 1)
                    #expect(mails.first?.recipients == ["eve@x.example"])
                    let parsed = try await ParsedMail.read(python.directory.text(of: mails.first?.file ?? ""))
                    try check(parsed, name: name)
                    #expect(worker.lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
                    #expect(!worker.lines.contains { $0.contains("eve@") || $0.contains("a@b.example") })
                    let errors = try await rig.deadLetters().map(\.error)
                    #expect(Set(errors) == ["the recipient's address cannot be used"])
                }
            }
        }
    }

    private static let addresses = [
        "a@b.example>\r\nRCPT TO:<evil@x.example", "a@b.example, evil@x.example", "a b@x.example",
        "<evil@x.example>", "\"a b\"@x.example", "a@b@x.example", "a@x.example\u{202E}", "a@x.example\nDATA",
    ]

    private func check(_ mail: ParsedMail, name: String) throws {
        #expect(mail.defects == 0)
        #expect(
            Set(mail.headers.keys) == [
                "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version",
                "Content-Type",
            ]
        )
        #expect(mail.headers["Subject"] == "Your order could not be fulfilled")
        let recipient = try #require(mail.headers["To"])
        #expect(recipient.hasSuffix(" <eve@x.example>") && recipient.contains("=?utf-8?Q?"), "\(recipient)")
        #expect(mail.parts.map(\.first) == ["text/plain", "text/html"])
        let (text, page) = (mail.parts[0][1], mail.parts[1][1])
        // Mustache in data stays text, in both.
        for part in [text, page] { #expect(part.contains("{{total}}{{{email}}}{{#name}}")) }
        #expect(text.contains("<script>"))
        #expect(!page.contains("<script>") && !page.contains("\" onload") && page.contains("&amp;amp;"))
        #expect(page.contains("Dear Eve =?utf-8?Q?"))
    }

    @Test("stay one text in a webhook's JSON")
    func webhook() async throws {
        try await PythonServer.run("webhook_server", ["key"]) { python in
            let settings = [
                "NOTIFICATION_SMS_TRANSPORT": "webhook", "WEBHOOK_URL": "http://127.0.0.1:\(python.port)/",
                "WEBHOOK_SECRET": "key",
            ]
            try await NotificationRig.run(settings, customers: "1,Eve,,+49 30 12345,sms,en\n") { rig in
                try await rig.worker { _ in
                    try await rig.publish(rejected(email: nil), type: "inventory.rejected", id: "event-1")
                    try await eventually("the request is there") { try python.events("request").count == 1 }
                    let request = try #require(python.events("request").first)
                    #expect(request.signed == true && request.key == "event-1")
                    #expect(request.body?.to == "+49 30 12345")
                    let text = try #require(request.body?.text)
                    #expect(text.unicodeScalars.elementsEqual(Self.shortText.unicodeScalars))
                }
            }
        }
    }

    private static var shortText: String {
        "We are sorry: your order of 2 × \(nasty) could not be fulfilled. You will not be charged."
    }
}
