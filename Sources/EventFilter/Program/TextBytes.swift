/// Text as UTF-8, byte by byte where it stands: a string, or a JSON string of the body with its escapes.
struct TextBytes {
    private enum Place {
        case string(String.UTF8View.Iterator)
        case json(position: Int, end: Int)
    }

    private var place: Place
    /// The rest of a decoded escape, next byte lowest.
    private var pending: UInt32 = 0

    init(_ text: String) {
        place = .string(text.utf8.makeIterator())
    }

    /// A JSON string without its quotes; the scanner has made sure that it is one.
    init(json range: Range<Int>) {
        place = .json(position: range.lowerBound, end: range.upperBound)
    }

    /// Compares by bytes, which in UTF-8 is by Unicode scalars.
    /// - Returns: Negative, zero or positive, as this text is less, equal or greater.
    func order(to other: TextBytes, _ body: Span<UInt8>) -> Int {
        var (mine, theirs) = (self, other)
        while true {
            switch (mine.next(body), theirs.next(body)) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let left?, let right?):
                if left != right { return left < right ? -1 : 1 }
            }
        }
    }

    func starts(with prefix: TextBytes, _ body: Span<UInt8>) -> Bool {
        var (mine, theirs) = (self, prefix)
        while let wanted = theirs.next(body) {
            guard mine.next(body) == wanted else { return false }
        }
        return true
    }

    func contains(_ needle: borrowing Needle, _ body: Span<UInt8>) -> Bool {
        var text = self
        var matched = 0
        while matched < needle.bytes.count {
            guard let byte = text.next(body) else { return false }
            while matched > 0, needle.bytes[matched] != byte { matched = needle.fallback[matched] }
            if needle.bytes[matched] == byte { matched += 1 }
        }
        return true
    }

    /// Whether it is exactly this name.
    func equals(_ name: String, _ body: Span<UInt8>) -> Bool {
        order(to: TextBytes(name), body) == 0
    }

    private mutating func next(_ body: Span<UInt8>) -> UInt8? {
        if pending != 0 {
            defer { pending >>= 8 }
            return UInt8(truncatingIfNeeded: pending)
        }
        switch place {
        case .string(var bytes):
            let byte = bytes.next()
            place = .string(bytes)
            return byte
        case .json(let position, let end):
            guard position < end else { return nil }
            guard body[position] == UInt8(ascii: "\\") else {
                place = .json(position: position + 1, end: end)
                return body[position]
            }
            return unescaped(at: position, end, body)
        }
    }

    private mutating func unescaped(at position: Int, _ end: Int, _ body: Span<UInt8>) -> UInt8 {
        guard body[position + 1] == UInt8(ascii: "u") else {
            place = .json(position: position + 2, end: end)
            return JSONEscape.plain(body[position + 1])
        }
        let (scalar, length) = JSONEscape.scalar(at: position, body)
        place = .json(position: position + length, end: end)
        return encode(scalar)
    }

    /// - Returns: The first byte; the others are ``pending``, of which none is zero.
    private mutating func encode(_ scalar: UInt32) -> UInt8 {
        func tail(_ shift: UInt32) -> UInt32 { 0x80 | (scalar >> shift) & 0x3F }
        switch scalar {
        case 0..<0x80:
            return UInt8(scalar)
        case 0x80..<0x800:
            pending = tail(0)
            return UInt8(0xC0 | scalar >> 6)
        case 0x800..<0x10000:
            pending = tail(6) | tail(0) << 8
            return UInt8(0xE0 | scalar >> 12)
        default:
            pending = tail(12) | tail(6) << 8 | tail(0) << 16
            return UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        }
    }
}
