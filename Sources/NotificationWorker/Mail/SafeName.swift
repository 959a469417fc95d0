/// A name derived from foreign text that is safe as a file name and inside a Message-ID.
///
/// Pure; the same text always gives the same name, and two texts practically never share one.
enum SafeName {
    /// File systems take 255 bytes; the rest is for what a mail reader adds.
    private static let longest = 120

    /// Letters, digits, `-` and `_` stay; everything else is written as `%` and two hexadecimal digits.
    static func make(from text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        guard name.utf8.count > longest else { return name }
        return name.prefix(longest - 17) + "-" + String(digest(of: text), radix: 16)
    }

    /// FNV-1a, 64 bits: for telling long names apart, not for security.
    private static func digest(of text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
