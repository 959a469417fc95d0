/// Passes through a JSON object from member to member, and checks all of it on the way.
///
/// Nothing is copied and nothing recurses; what is nested deeper than 64 levels is refused. Source: RFC 8259.
struct JSONScanner {
    private enum Next {
        case firstKey
        case key
        case end
        case failed
    }

    private var position = 0
    private var next = Next.failed

    /// Takes the `{`, and a byte order mark before it: RFC 8259 lets a reader ignore one, and `JSONDecoder` does.
    mutating func begin(_ body: Span<UInt8>) -> Bool {
        if body.count >= 3, body[0] == 0xEF, body[1] == 0xBB, body[2] == 0xBF { position = 3 }
        skipBlanks(body)
        guard take(UInt8(ascii: "{"), body) else { return false }
        next = .firstKey
        return true
    }

    /// The next member's name, without its quotes; nil at the end, or where something is wrong.
    mutating func key(_ body: Span<UInt8>) -> Range<Int>? {
        skipBlanks(body)
        if case .firstKey = next, take(UInt8(ascii: "}"), body) { next = .end }
        if case .end = next { return nil }
        next = .failed
        guard let key = string(body), takeColon(body) else { return nil }
        return key
    }

    /// The member's value, and what follows it: a comma or the end.
    mutating func value(_ body: Span<UInt8>) -> JSONPlace? {
        guard let value = element(body) else { return nil }
        skipBlanks(body)
        if take(UInt8(ascii: ","), body) {
            next = .key
        } else if take(UInt8(ascii: "}"), body) {
            next = .end
        } else {
            return nil
        }
        return value
    }

    /// Whether the object has ended, and with it the body.
    mutating func isComplete(_ body: Span<UInt8>) -> Bool {
        guard case .end = next else { return false }
        skipBlanks(body)
        return position == body.count
    }

    private mutating func element(_ body: Span<UInt8>) -> JSONPlace? {
        guard position < body.count else { return nil }
        let start = position
        switch body[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return container(body) ? JSONPlace(kind: .container, range: start..<position) : nil
        default: return scalar(body)
        }
    }

    private mutating func scalar(_ body: Span<UInt8>) -> JSONPlace? {
        guard position < body.count else { return nil }
        let start = position
        switch body[position] {
        case UInt8(ascii: "\""): return string(body).map { JSONPlace(kind: .text, range: $0) }
        case UInt8(ascii: "t"):
            return word("true", body) ? JSONPlace(kind: .true, range: start..<position) : nil
        case UInt8(ascii: "f"):
            return word("false", body) ? JSONPlace(kind: .false, range: start..<position) : nil
        case UInt8(ascii: "n"):
            return word("null", body) ? JSONPlace(kind: .null, range: start..<position) : nil
        default: return number(body) ? JSONPlace(kind: .number, range: start..<position) : nil
        }
    }

    /// Passes over a list or an object with all that is in it.
    private mutating func container(_ body: Span<UInt8>) -> Bool {
        // One bit a level: whether it is an object.
        var objects: UInt64 = 0
        var depth = 0
        var wantsElement = true
        repeat {
            skipBlanks(body)
            if wantsElement {
                if take(UInt8(ascii: "{"), body) || take(UInt8(ascii: "["), body) {
                    let isObject = body[position - 1] == UInt8(ascii: "{")
                    // The object around this one is a level, too.
                    guard depth < 63 else { return false }
                    objects = objects << 1 | (isObject ? 1 : 0)
                    depth += 1
                    skipBlanks(body)
                    if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"), body) {
                        objects >>= 1
                        depth -= 1
                        wantsElement = false
                    } else if isObject {
                        guard string(body) != nil, takeColon(body) else { return false }
                    }
                } else {
                    guard scalar(body) != nil else { return false }
                    wantsElement = false
                }
            } else if take(UInt8(ascii: ","), body) {
                skipBlanks(body)
                if objects & 1 == 1 {
                    guard string(body) != nil, takeColon(body) else { return false }
                }
                wantsElement = true
            } else {
                guard take(objects & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]"), body) else {
                    return false
                }
                objects >>= 1
                depth -= 1
            }
        } while depth > 0
        return true
    }
}

// MARK: Words

extension JSONScanner {
    private mutating func skipBlanks(_ body: Span<UInt8>) {
        while position < body.count {
            switch body[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8, _ body: Span<UInt8>) -> Bool {
        guard position < body.count, body[position] == byte else { return false }
        position += 1
        return true
    }

    /// Takes the colon and the blanks on both its sides.
    private mutating func takeColon(_ body: Span<UInt8>) -> Bool {
        skipBlanks(body)
        guard take(UInt8(ascii: ":"), body) else { return false }
        skipBlanks(body)
        return true
    }

    private mutating func word(_ word: StaticString, _ body: Span<UInt8>) -> Bool {
        let letters = word.description.utf8
        for letter in letters {
            guard take(letter, body) else { return false }
        }
        return true
    }

    /// Takes a number as RFC 8259 writes it.
    private mutating func number(_ body: Span<UInt8>) -> Bool {
        _ = take(UInt8(ascii: "-"), body)
        if !take(UInt8(ascii: "0"), body) {
            guard digits(body) else { return false }
        }
        if take(UInt8(ascii: "."), body) {
            guard digits(body) else { return false }
        }
        if take(UInt8(ascii: "e"), body) || take(UInt8(ascii: "E"), body) {
            if !take(UInt8(ascii: "-"), body) { _ = take(UInt8(ascii: "+"), body) }
            guard digits(body) else { return false }
        }
        return true
    }

    private mutating func digits(_ body: Span<UInt8>) -> Bool {
        let start = position
        while position < body.count, body[position] >= UInt8(ascii: "0"), body[position] <= UInt8(ascii: "9")
        {
            position += 1
        }
        return position > start
    }

    /// Takes a string; its range is what is between the quotes.
    private mutating func string(_ body: Span<UInt8>) -> Range<Int>? {
        guard take(UInt8(ascii: "\""), body) else { return nil }
        let start = position
        while position < body.count {
            let byte = body[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return start..<(position - 1)
            case UInt8(ascii: "\\"):
                guard escape(body) else { return nil }
            case 0x20..<0x80:
                position += 1
            case 0..<0x20:
                return nil
            default:
                let length = UTF8Sequence.length(at: position, body)
                guard length > 0 else { return nil }
                position += length
            }
        }
        return nil
    }

    private mutating func escape(_ body: Span<UInt8>) -> Bool {
        guard position + 1 < body.count else { return false }
        if body[position + 1] == UInt8(ascii: "u") {
            let length = JSONEscape.scalar(at: position, body).length
            position += length
            return length > 0
        }
        position += 2
        return JSONEscape.plain(body[position - 1]) != 0
    }
}
