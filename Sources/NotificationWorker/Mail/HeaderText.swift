import FoundationEssentials

/// Text of a header.
///
/// Pure. Source: RFC 2047 for what is not ASCII, RFC 5322 section 2.2.3 for folding.
enum HeaderText {
    /// Longest encoded word, RFC 2047 section 2: 75, less `=?utf-8?B?` and `?=`; base64 turns 3 bytes into 4.
    private static let bytesPerWord = (75 - 12) / 4 * 3

    /// The text as a header's value; line ends and other control characters become blanks.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - indent: Characters before it on the first line.
    /// - Returns: ASCII, folded where it is long.
    static func encoded(_ text: String, indent: Int) -> String {
        let clean = cleaned(text)
        let isPlain = clean.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) }
        // What looks encoded already must be encoded, or a reader would decode it.
        guard !isPlain || clean.contains("=?") || indent + clean.utf8.count > 78 else { return clean }
        return words(clean).map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
            .joined(separator: "\r\n ")
    }

    /// The text with line ends and other control characters as blanks.
    static func cleaned(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    /// Pieces that fit one encoded word each, never cutting a character in two.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            // The first line is the fullest: room for the header's own name.
            let room = words.isEmpty ? bytesPerWord - 9 : bytesPerWord
            if word.utf8.count + String(scalar).utf8.count > room {
                words.append(word)
                word = ""
            }
            word.unicodeScalars.append(scalar)
        }
        return words + [word]
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            // Line ends of Unicode, and what turns the writing direction.
            || (0x2028...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
}

/// Body text that survives every mail server.
///
/// Pure. Source: RFC 2045 section 6.7.
enum QuotedPrintable {
    /// Longest line, the soft line break's `=` included.
    private static let longestLine = 76

    /// The text with CRLF line ends, no line longer than 76 characters, and nothing but ASCII.
    static func encoded(_ text: String) -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map(line).joined(separator: "\r\n")
    }

    private static func line(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var result = ""
        var length = 0
        for (index, byte) in bytes.enumerated() {
            let piece = encoded(byte, isLast: index == bytes.count - 1)
            if length + piece.utf8.count > longestLine - 1 {
                result += "=\r\n"
                length = 0
            }
            result += piece
            length += piece.utf8.count
        }
        return result
    }

    private static func encoded(_ byte: UInt8, isLast: Bool) -> String {
        switch byte {
        case UInt8(ascii: "="): "=3D"
        // A blank at the end of a line would be lost on the way.
        case UInt8(ascii: " ") where !isLast: " "
        case 0x21...0x7E: String(Unicode.Scalar(byte))
        default: "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
