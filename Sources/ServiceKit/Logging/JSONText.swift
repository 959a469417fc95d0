import Logging

/// Writes JSON without building a tree first; every log line goes through it.
struct JSONText {
    /// UTF-8 written so far.
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Begins with nothing.
    ///
    /// - Parameter capacity: Bytes for which there is room without asking for more.
    init(reserving capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    mutating func beginObject() { open(UInt8(ascii: "{")) }
    mutating func endObject() { close(UInt8(ascii: "}")) }
    mutating func beginArray() { open(UInt8(ascii: "[")) }
    mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name; its value must follow.
    mutating func name(_ name: some StringProtocol) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member that is a text.
    mutating func member(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }

    /// Ends the line that the document is.
    mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes a string; every control character and line end is escaped, so a line stays one line.
    mutating func string(_ text: some StringProtocol) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        if Self.isPlain(text) { return bytes.append(contentsOf: text.utf8) }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case _ where LogText.isUnsafe(scalar):
                let digits = String(scalar.value, radix: 16)
                append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: append(String(scalar))
            }
        }
    }

    /// Whether all of it is printable ASCII that stands for itself, as nearly every text of a log is.
    private static func isPlain(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy {
            (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
    }

    /// Writes a number or a truth value, already in JSON's own spelling.
    mutating func literal(_ text: String) {
        separate()
        append(text)
    }

    /// Writes a metadata value: numbers and truth values keep their kind, everything else is text.
    mutating func metadata(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let value):
            switch value {
            // The usual kind first: the rest is asked of the runtime, which takes its time.
            case let value as Int64: literal("\(value)")
            case let value as Int: literal("\(value)")
            case let value as Bool: literal(value ? "true" : "false")
            case let value as any BinaryInteger: literal("\(value)")
            case let value as Double where value.isFinite: literal("\(value)")
            default: string(value.description)
            }
        case .dictionary(let members):
            beginObject()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                name(key)
                metadata(value)
            }
            endObject()
        case .array(let values):
            beginArray()
            values.forEach { metadata($0) }
            endArray()
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}
