/// Reads a body that one of our own programs wrote: known members in a known order, no blanks, no escapes.
///
/// Pure. For the bodies that a worker reads thousands of times a second. Whatever else is valid JSON, or none, is not
/// read here: each step says so, and the reader leaves the body to a decoder, which reads it or says what is wrong.
public struct CompactJSON {
    private let body: [UInt8]
    private var position = 0

    /// Begins at the first byte.
    public init(_ body: [UInt8]) {
        self.body = body
    }

    /// Whether everything was read.
    public var isAtEnd: Bool { position == body.count }

    /// Steps over exactly these bytes.
    ///
    /// - Returns: False where something else stands here; nothing was stepped over then.
    public mutating func skip(_ text: StaticString) -> Bool {
        let wanted = text.description.utf8
        guard body.count - position >= wanted.count, body[position...].starts(with: wanted) else {
            return false
        }
        position += wanted.count
        return true
    }

    /// Reads a string with its quotes.
    ///
    /// - Returns: Nil where none stands here, or one with an escape, a control character, or bytes that are not UTF-8.
    public mutating func string() -> String? {
        guard skip("\"") else { return nil }
        let start = position
        while position < body.count, body[position] != UInt8(ascii: "\"") {
            guard body[position] >= 0x20, body[position] != UInt8(ascii: "\\") else { return nil }
            position += 1
        }
        guard position < body.count, let text = String(validating: body[start..<position], as: UTF8.self)
        else {
            return nil
        }
        position += 1
        return text
    }

    /// Reads an integer of at most 18 digits.
    ///
    /// - Returns: Nil where none stands here, or one with a sign or a leading zero.
    public mutating func integer() -> Int64? {
        let start = position
        var value: Int64 = 0
        while let digit = digit, position - start < 18 {
            value = value * 10 + Int64(digit)
            position += 1
        }
        let isPlain = position > start && (position - start == 1 || body[start] != UInt8(ascii: "0"))
        return isPlain && !isNumber ? value : nil
    }

    /// Reads a number of at most 18 digits, with at most one point between them.
    ///
    /// - Returns: Its digits and point; nil where none stands here, or one with a sign, an exponent or a leading zero.
    public mutating func decimal() -> String? {
        let start = position
        guard integerPart() else { return nil }
        if skip(".") {
            guard digit != nil else { return nil }
            while digit != nil { position += 1 }
        }
        guard position - start <= 18, !isNumber else { return nil }
        return String(decoding: body[start..<position], as: UTF8.self)
    }

    private mutating func integerPart() -> Bool {
        if skip("0") { return digit == nil }
        let start = position
        while digit != nil { position += 1 }
        return position > start
    }

    /// The digit that stands here.
    private var digit: UInt8? {
        guard position < body.count else { return nil }
        let digit = body[position] &- UInt8(ascii: "0")
        return digit < 10 ? digit : nil
    }

    /// Whether a number goes on here.
    private var isNumber: Bool {
        guard digit == nil, position < body.count else { return digit != nil }
        return switch body[position] {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: false
        }
    }
}
