/// Walks over the bytes of one JSON text.
///
/// Bytes are known to be UTF-8 before it starts. Never traps and never recurses deeper than ``depthLimit``.
struct JSONScanner {
    typealias Failure = JSONMembers.Failure
    typealias Value = JSONMembers.Value

    /// Deeper nesting is refused; an order needs one level.
    static let depthLimit = 32

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads one value that fills the whole text, and returns its members if it is an object.
    mutating func scanDocument() throws(Failure) -> [(name: String, value: Value)]? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw Failure(reason: "The body begins with a byte order mark.")
        }
        skipBlanks()
        var members: [(name: String, value: Value)]?
        if peek == UInt8(ascii: "{") {
            var collected: [(name: String, value: Value)] = []
            try scanObject(depth: 1) { collected.append(($0, $1)) }
            members = collected
        } else {
            _ = try scanValue(depth: 0)
        }
        skipBlanks()
        guard index == bytes.count else { throw unexpected() }
        return members
    }

    private mutating func scanValue(depth: Int) throws(Failure) -> Value {
        switch peek {
        case UInt8(ascii: "{"):
            try scanObject(depth: depth + 1) { _, _ in }
            return .object
        case UInt8(ascii: "["):
            try scanArray(depth: depth + 1)
            return .array
        case UInt8(ascii: "\""): return .string(try scanString())
        case UInt8(ascii: "t"): return try scanWord("true", as: .bool)
        case UInt8(ascii: "f"): return try scanWord("false", as: .bool)
        case UInt8(ascii: "n"): return try scanWord("null", as: .null)
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number(try scanNumber())
        default: throw unexpected()
        }
    }

    private mutating func scanObject(
        depth: Int,
        _ add: (String, Value) -> Void
    ) throws(Failure) {
        try enter(depth)
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try scanString()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw unexpected() }
            skipBlanks()
            add(name, try scanValue(depth: depth))
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw unexpected() }
    }

    private mutating func scanArray(depth: Int) throws(Failure) {
        try enter(depth)
        if take(UInt8(ascii: "]")) { return }
        repeat {
            skipBlanks()
            _ = try scanValue(depth: depth)
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected() }
    }

    private mutating func enter(_ depth: Int) throws(Failure) {
        guard depth <= Self.depthLimit else {
            throw Failure(reason: "The body is nested deeper than \(Self.depthLimit) levels.")
        }
        index += 1
        skipBlanks()
    }

    private mutating func scanWord(_ word: StaticString, as value: Value) throws(Failure) -> Value {
        for byte in word.description.utf8 {
            guard take(byte) else { throw unexpected() }
        }
        return value
    }

    private mutating func scanNumber() throws(Failure) -> String {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try scanDigits() }
        if take(UInt8(ascii: ".")) { try scanDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            try scanDigits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func scanDigits() throws(Failure) {
        let start = index
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        guard index > start else { throw unexpected() }
    }
}

// MARK: - Strings

extension JSONScanner {
    private mutating func scanString() throws(Failure) -> String {
        index += 1
        var text: [UInt8] = []
        var start = index
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                text.append(contentsOf: bytes[start..<index])
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text.append(contentsOf: bytes[start..<index])
                index += 1
                text.append(contentsOf: String(try scanEscape()).utf8)
                start = index
            case 0..<0x20: throw Failure(reason: "A string holds a control character that is not escaped.")
            default: index += 1
            }
        }
        throw unexpected()
    }

    private mutating func scanEscape() throws(Failure) -> Unicode.Scalar {
        guard let byte = peek else { throw unexpected() }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try scanUnicodeEscape()
        default:
            index -= 1
            throw unexpected()
        }
    }

    private mutating func scanUnicodeEscape() throws(Failure) -> Unicode.Scalar {
        let first = try scanHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A high surrogate must be followed by an escaped low one.
        if (0xD800...0xDBFF).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let second = try scanHexadecimal()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        throw Failure(reason: "A string holds half of a surrogate pair.")
    }

    private mutating func scanHexadecimal() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected()
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}

// MARK: - Bytes

extension JSONScanner {
    private var peek: UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private func unexpected() -> Failure {
        index < bytes.count
            ? Failure(reason: "The body is not JSON: unexpected byte at offset \(index).")
            : Failure(
                reason: bytes.isEmpty ? "The body is empty." : "The body is not JSON: it ends too early."
            )
    }
}
