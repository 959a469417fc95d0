/// One mail for the wire.
public struct SMTPMail: Sendable {
    /// Where bounces go, the envelope's sender.
    public var sender: String
    /// Everybody who gets it, 1 to 100; all or nobody.
    public var recipients: [String]
    /// Headers, a blank line and the body; line ends are made CRLF.
    public var content: [UInt8]
    /// How long everything may take, waiting for a free connection included.
    public var timeout: Duration

    /// Describes a mail.
    public init(sender: String, recipients: [String], content: [UInt8], timeout: Duration = .seconds(30)) {
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.timeout = timeout
    }

    /// Whether an address of the envelope has letters that only SMTPUTF8 allows (RFC 6531).
    var needsUTF8: Bool {
        ([sender] + recipients).contains { $0.utf8.contains { $0 >= 0x80 } }
    }

    /// Refuses what could say more to the server than an address.
    func check() throws(SMTPError) {
        guard (1...100).contains(recipients.count) else {
            throw SMTPError(.badMail, "a mail has 1 to 100 recipients")
        }
        for address in [sender] + recipients where !Self.isHarmless(address) {
            throw SMTPError(.badMail, "an address of the envelope cannot be used")
        }
    }

    private static func isHarmless(_ address: String) -> Bool {
        // RFC 5321 section 4.5.3.1: 254 bytes fit the path of 256 with its brackets.
        guard (3...254).contains(address.utf8.count), address.utf8.contains(UInt8(ascii: "@")) else {
            return false
        }
        return address.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar != "<" && scalar != ">"
                && !scalar.properties.isWhitespace
        }
    }
}

/// The content of a mail as it travels after `DATA`.
///
/// Pure. Source: RFC 5321 sections 2.3.8 and 4.5.2.
enum MailData {
    /// The line that ends the content.
    static let terminator = Array(".\r\n".utf8)

    /// Every line ended with CRLF, the last one too, and a dot put before every line that begins with one.
    static func encoded(_ content: [UInt8]) -> [UInt8] {
        let (carriageReturn, lineFeed, dot) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: "."))
        var result: [UInt8] = []
        result.reserveCapacity(content.count + content.count / 32 + 2)
        var isLineStart = true
        var index = 0
        while index < content.count {
            let byte = content[index]
            index += 1
            if byte == carriageReturn || byte == lineFeed {
                // A lone CR or LF is a line end, too: a server that thinks so must not find a command behind it.
                if byte == carriageReturn, index < content.count, content[index] == lineFeed { index += 1 }
                result += [carriageReturn, lineFeed]
                isLineStart = true
                continue
            }
            if isLineStart, byte == dot { result.append(dot) }
            result.append(byte)
            isLineStart = false
        }
        if !isLineStart { result += [carriageReturn, lineFeed] }
        return result
    }
}
