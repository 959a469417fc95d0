/// Escapes in JSON strings; RFC 8259, section 7.
enum JSONEscape {
    /// The byte that a letter behind the backslash stands for; zero for one that stands for nothing.
    static func plain(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: 0
        }
    }

    /// The scalar of `\u0041` or of a pair of surrogates, and its length in bytes.
    ///
    /// Length 0 where it is neither: digits are missing, or a surrogate stands alone.
    static func scalar(at position: Int, _ body: Span<UInt8>) -> (scalar: UInt32, length: Int) {
        guard let first = unit(at: position, body) else { return (0, 0) }
        switch first {
        case 0xD800...0xDBFF:
            guard let second = unit(at: position + 6, body), (0xDC00...0xDFFF).contains(second) else {
                return (0, 0)
            }
            return (0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), 12)
        case 0xDC00...0xDFFF: return (0, 0)
        default: return (first, 6)
        }
    }

    private static func unit(at position: Int, _ body: Span<UInt8>) -> UInt32? {
        guard position + 6 <= body.count, body[position] == UInt8(ascii: "\\"),
            body[position + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt32 = 0
        for offset in 2..<6 {
            guard let digit = digit(body[position + offset]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
