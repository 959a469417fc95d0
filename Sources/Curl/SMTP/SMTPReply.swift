/// One answer of a mail server: a code and its lines.
struct SMTPReply: Equatable, Sendable {
    /// 200 to 599.
    var code: Int
    /// The text of each line, without code and line end.
    var lines: [String]

    var isPositive: Bool { (200...299).contains(code) }
    var isForNow: Bool { (400...499).contains(code) }

    /// Code and enhanced status (RFC 3463), such as `550 5.1.1`: never the text, which may quote an address.
    var safeText: String {
        let status = lines.first?.split(separator: " ").first ?? ""
        let parts = status.split(separator: ".", omittingEmptySubsequences: false)
        let isStatus =
            parts.count == 3
            && parts.allSatisfy {
                (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
            }
        return isStatus ? "\(code) \(status)" : "\(code)"
    }
}

/// Puts replies together out of the pieces that the socket gives.
///
/// Pure. Holds at most ``limit`` bytes. Source: RFC 5321 section 4.2.
struct SMTPReplyReader {
    /// The server does not speak SMTP.
    struct Malformed: Error {}

    /// Far more than the longest reply that is any use.
    static let limit = 64 << 10

    private var waiting: [UInt8] = []
    private var lines: [String] = []
    private var size = 0

    /// Whether part of a reply is here.
    var isInside: Bool { !waiting.isEmpty || !lines.isEmpty }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        waiting.append(contentsOf: bytes)
    }

    /// The next whole reply; nil where more is to come.
    ///
    /// - Throws: ``Malformed``.
    mutating func next() throws(Malformed) -> SMTPReply? {
        while let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
            var line = waiting[..<end]
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            let text = String(decoding: line, as: UTF8.self)
            waiting.removeSubrange(...end)
            size += text.utf8.count
            guard size <= Self.limit else { throw Malformed() }
            let digits = text.utf8.prefix(3)
            guard digits.count == 3, digits.allSatisfy({ (48...57).contains($0) }),
                let code = Int(text.prefix(3)),
                (200...599).contains(code)
            else { throw Malformed() }
            let rest = text.dropFirst(3)
            guard rest.isEmpty || rest.first == " " || rest.first == "-" else { throw Malformed() }
            lines.append(String(rest.dropFirst()))
            guard rest.first != "-" else { continue }
            defer {
                lines = []
                size = 0
            }
            return SMTPReply(code: code, lines: lines)
        }
        guard waiting.count <= Self.limit else { throw Malformed() }
        return nil
    }
}
