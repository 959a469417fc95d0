import OrderEvents

/// A mail as text for the wire: RFC 5322, with CRLF line ends, in ASCII but for foreign mail addresses.
///
/// Pure. Whatever an order says can neither add a header nor a second recipient.
struct MailText {
    /// Sender, an address or `Name <address>`.
    var from: MailAddress

    /// Between the parts; quoted-printable text never holds `=_`, so no part can.
    private static let boundary = "=_part"

    /// The whole mail: its text, and the same as a page where there is one.
    ///
    /// - Throws: ``TransportError`` `giveUp` where the recipient's address is none.
    func render(_ mail: CustomerMessage) throws(TransportError) -> String {
        let headers = [
            "Date: \(Self.date(mail.writtenAt))",
            "From: \(from.header)",
            "To: \(try Self.recipient(mail).header)",
            "Subject: \(HeaderText.encoded(mail.subject, indent: "Subject: ".count))",
            "Message-ID: <\(SafeName.make(from: mail.eventID))@\(from.domain)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ]
        let text = Self.part("text/plain", mail.text)
        guard let html = mail.html else {
            return (headers + text).joined(separator: "\r\n") + "\r\n"
        }
        // The last one is what a reader prefers.
        let parts =
            ["--\(Self.boundary)"] + text + ["--\(Self.boundary)"] + Self.part("text/html", html)
            + ["--\(Self.boundary)--"]
        let type = "Content-Type: multipart/alternative; boundary=\"\(Self.boundary)\""
        return (headers + [type, ""] + parts).joined(separator: "\r\n") + "\r\n"
    }

    private static func part(_ type: String, _ text: String) -> [String] {
        [
            "Content-Type: \(type); charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            QuotedPrintable.encoded(text),
        ]
    }

    private static func recipient(_ mail: CustomerMessage) throws(TransportError) -> MailAddress {
        switch mail.recipient {
        case .user(let id):
            // RFC 2606: `.invalid` never exists, so a file picked up by accident goes nowhere.
            return MailAddress(name: "user \(id)", address: "user-\(id)@customers.invalid")
        case .address(let text):
            guard let address = MailAddress(address: text) else {
                throw TransportError(advice: .giveUp, detail: "the recipient's address cannot be used")
            }
            return MailAddress(name: mail.name ?? "", address: address.address)
        }
    }

    /// `Fri, 02 Jan 2026 03:04:05 +0000`.
    static func date(_ time: Timestamp) -> String {
        // `2026-01-02T03:04:05.678Z`, always 24 characters.
        let text = Array(time.text.utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let month = months[(Int(part(5..<7)) ?? 1) - 1]
        // 1970-01-01 was a Thursday.
        let day = days[Int(time.milliseconds / 86_400_000 % 7)]
        return "\(day), \(part(8..<10)) \(month) \(part(0..<4)) \(part(11..<19)) +0000"
    }
}
