/// Writes one JSON object, fields in the order they are added.
///
/// For bodies that must come out byte for byte the same each time, on a path where it matters what that costs.
public struct JSONObjectWriter: Sendable {
    /// How the object is spaced.
    public enum Style: Sendable {
        /// No blanks: for machines.
        case compact
        /// A blank after each colon and comma: for people.
        case readable
    }

    private let style: Style
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    /// Starts an empty object.
    public init(style: Style = .compact) {
        self.style = style
        bytes.reserveCapacity(256)
    }

    /// Adds a string, escaped as RFC 8259 asks.
    public mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        Self.append(quoted: value, to: &bytes)
    }

    /// Adds an integer.
    public mutating func add(_ name: StaticString, number: Int64) {
        begin(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    /// Adds an amount as the shortest exact decimal.
    public mutating func add(_ name: StaticString, money: Money) {
        begin(name)
        bytes.append(contentsOf: money.jsonText.utf8)
    }

    /// Adds a value that is JSON already: an object, an array, `null`.
    public mutating func add(_ name: StaticString, json: some Sequence<UInt8>) {
        begin(name)
        bytes.append(contentsOf: json)
    }

    /// Closes the object and hands over its bytes.
    public consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Appends a string with its quotation marks.
    ///
    /// Escapes what RFC 8259 section 7 says must be: quotation mark, backslash, and the controls below U+0020.
    public static func append(quoted value: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 0xF)])
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func begin(_ name: StaticString) {
        if bytes.count > 1 {
            bytes.append(UInt8(ascii: ","))
            if style == .readable { bytes.append(UInt8(ascii: " ")) }
        }
        Self.append(quoted: name.description, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        if style == .readable { bytes.append(UInt8(ascii: " ")) }
    }
}
