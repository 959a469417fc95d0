/// Finds and checks the frame at the start of the broker's bytes, before anything decodes it.
///
/// Pure. A length that is too short for its type, property flags that go on, content of another class: what follows may
/// rely on none of it. librabbitmq 0.11 itself, where it reads frames, goes beyond them then (GHSA-9mmv-r8g3-qp46, rabbitmq-c
/// #885).
/// Source: AMQP 0-9-1 section 4.2.3 to 4.2.6.
enum FrameBoundary: Equatable {
    /// More bytes are needed.
    case incomplete
    /// The first so many bytes are one frame.
    case frame(size: Int)
    /// The peer announced a protocol version instead of speaking this one.
    case protocolHeader
    case malformed(String)

    /// Type, channel and size before the payload.
    private static let headerSize = 7

    /// Looks at the start of `bytes`.
    ///
    /// `frameMax` is the agreed largest frame; channels above 1 are never opened.
    static func find(in bytes: Span<UInt8>, frameMax: Int) -> FrameBoundary {
        guard bytes.count >= headerSize else {
            return bytes.count >= 1 && bytes[0] == UInt8(ascii: "A") ? .protocolHeader : .incomplete
        }
        let type = bytes[0]
        guard type != UInt8(ascii: "A") else { return .protocolHeader }
        let channel = integer(bytes, at: 1, count: 2)
        let payload = integer(bytes, at: 3, count: 4)
        guard channel <= 1 else { return .malformed("a frame on channel \(channel)") }
        let size = headerSize + payload + 1
        guard size <= frameMax else { return .malformed("a frame of \(size) bytes") }
        let smallest: Int
        switch type {
        case 1: smallest = 4
        case 2: smallest = 14
        case 3, 8: smallest = 0
        default: return .malformed("a frame of type \(type)")
        }
        guard payload >= smallest else { return .malformed("a frame of type \(type) with \(payload) bytes") }
        guard bytes.count >= size else { return .incomplete }
        guard bytes[size - 1] == 0xCE else { return .malformed("a frame without its end mark") }
        if type == 2 {
            guard integer(bytes, at: headerSize, count: 2) == 60 else {
                return .malformed("content of a strange class")
            }
            // AMQP's class basic has 14 properties; the flag word that would say "more follow" has no meaning.
            guard bytes[headerSize + 13] & 1 == 0 else { return .malformed("property flags that go on") }
        }
        return .frame(size: size)
    }

    /// A number in network byte order, of at most eight bytes; eight are its bits.
    static func integer(_ bytes: Span<UInt8>, at offset: Int, count: Int) -> Int {
        var number = 0
        for index in offset..<offset + count { number = number << 8 | Int(bytes[index]) }
        return number
    }
}
