import Curl
import FoundationEssentials
import OrderEvents

@testable import Curl
@testable import NotificationWorker
@testable import ServiceKit

/// Whatever text of a customer or a shop ends in a mail, a page, a webhook's JSON, or a log.
enum MailFuzzer {
    static func run(_ bytes: [UInt8]) throws {
        var feed = ByteFeed(bytes)
        let (name, subject, eventID, address) = (feed.textIfAny(), feed.text(), feed.text(), feed.text())
        let text = String(decoding: feed.remainder(), as: UTF8.self)
        try checkMail(
            CustomerMessage(
                eventID: eventID,
                orderID: "order",
                userID: 1,
                recipient: .address(address),
                name: name,
                subject: subject,
                text: text,
                html: ScalarHTML().escapeText(text),
                writtenAt: Timestamp(milliseconds: 0)
            )
        )
        try checkEscapes(text)
        try checkData(Array(text.utf8))
        let file = SafeName.make(from: eventID)
        try promise(file.utf8.count <= 120 && !file.contains("/") && !file.contains("."), "file name \(file)")
        try promise(PhoneNumber.isPlausible(text) ? text.utf8.count <= 32 : true, "a long number")
    }

    private static let headers = [
        "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    ]

    private static func checkMail(_ message: CustomerMessage) throws {
        let sender = MailText(from: MailAddress(name: "Shop", address: "shop@shop.example"))
        guard let mail = try? sender.render(message) else { return }
        let lines = mail.split(separator: "\r\n", omittingEmptySubsequences: false)
        try promise(lines.allSatisfy { !$0.utf8.contains(10) && !$0.utf8.contains(13) }, "a lone CR or LF")
        try promise(
            lines.allSatisfy { $0.utf8.count <= 998 && !$0.utf8.contains(0) },
            "a line too long, or NUL"
        )
        let head = lines.prefix { !$0.isEmpty }
        let names = head.filter { !$0.hasPrefix(" ") }.map { String($0.prefix { $0 != ":" }) }
        try promise(names == headers, "other headers: \(names)")
        // Outside of quotes only an encoded word and the one address.
        let to = head.drop { !$0.hasPrefix("To:") }.prefix { $0.hasPrefix("To:") || $0.hasPrefix(" ") }
            .joined()
        if !to.contains("\"") {
            try promise(
                to.utf8.count { $0 == 0x40 } == 1 && !to.utf8.contains(0x2C),
                "several addresses: \(to)"
            )
        }
        guard case .address(let address) = message.recipient else { return }
        // Nothing of the envelope's address but the address.
        let envelope = SMTPMail(sender: "shop@shop.example", recipients: [address], content: [])
        if (try? envelope.check()) != nil { try promise(!address.contains(where: \.isWhitespace), "a blank") }
        try promise(address.utf8.count { $0 == 0x40 } == 1 && !address.utf8.contains(0x3E), "\(address)")
    }

    private static func checkEscapes(_ text: String) throws {
        let html = ScalarHTML().escapeText(text)
        try promise(
            !html.unicodeScalars.contains { "<>\"'".unicodeScalars.contains($0) },
            "a character of HTML is left"
        )
        let json = "\"\(ScalarJSON().escapeText(text))\""
        let read = try? JSONDecoder().decode(String.self, from: Data(json.utf8))
        try promise(read.map { $0.utf8.elementsEqual(text.utf8) } ?? false, "another text through JSON")
        try promiseOneLine(String(LogText.escaped(text).prefix(100)), "a log line")
        var log = JSONText()
        log.string(text)
        let logged = try? JSONDecoder().decode(String.self, from: Data(log.bytes))
        try promise(logged.map { $0.utf8.elementsEqual(text.utf8) } ?? false, "another text through the log")
        let encoded = QuotedPrintable.encoded(text)
        try promise(encoded.utf8.allSatisfy { $0 < 0x7F }, "no ASCII")
        try promise(
            encoded.split(separator: "\r\n", omittingEmptySubsequences: false)
                .allSatisfy { $0.utf8.count <= 76 },
            "a line of more than 76 characters"
        )
    }

    /// Undoing what is done to the content gives its lines again, and no line ends it early.
    private static func checkData(_ content: [UInt8]) throws {
        let sent = MailData.encoded(content)
        try promise(sent.isEmpty || sent.suffix(2) == [13, 10], "no line end at the end")
        let lines = String(decoding: sent, as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        try promise(!lines.contains("."), "a line that ends the mail")
        try promise(lines.allSatisfy { !$0.utf8.contains(10) && !$0.utf8.contains(13) }, "a lone CR or LF")
    }
}
