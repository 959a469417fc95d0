/// Well-formed sequences of UTF-8; The Unicode Standard, table 3-7.
enum UTF8Sequence {
    /// How many bytes belong to the scalar that begins here; 0 where none does.
    ///
    /// Two to four: not for ASCII.
    static func length(at position: Int, _ body: Span<UInt8>) -> Int {
        let first = body[position]
        switch first {
        case 0xC2...0xDF: return continues(position, 2, 0x80...0xBF, body) ? 2 : 0
        case 0xE0: return continues(position, 3, 0xA0...0xBF, body) ? 3 : 0
        case 0xED: return continues(position, 3, 0x80...0x9F, body) ? 3 : 0
        case 0xE1...0xEF: return continues(position, 3, 0x80...0xBF, body) ? 3 : 0
        case 0xF0: return continues(position, 4, 0x90...0xBF, body) ? 4 : 0
        case 0xF1...0xF3: return continues(position, 4, 0x80...0xBF, body) ? 4 : 0
        case 0xF4: return continues(position, 4, 0x80...0x8F, body) ? 4 : 0
        default: return 0
        }
    }

    /// Whether the second byte is in the range and the others are continuations.
    private static func continues(
        _ position: Int,
        _ length: Int,
        _ second: ClosedRange<UInt8>,
        _ body: Span<UInt8>
    ) -> Bool {
        guard position + length <= body.count, second.contains(body[position + 1]) else { return false }
        var index = position + 2
        while index < position + length {
            guard body[index] & 0xC0 == 0x80 else { return false }
            index += 1
        }
        return true
    }
}
