/// Reads the fields of AMQP from bytes that were checked before, where they lie.
///
/// Pure. Source: AMQP 0-9-1 section 4.2.5, with RabbitMQ's errata on field types.
enum FieldReading {
    /// Tables and arrays nested deeper than this are not looked into and read as `.void`: no honest sender nests them, and
    /// recursion has a price.
    static let deepestNesting = 64

    /// An unsigned number in network byte order; the caller knows that it is there.
    static func number(_ bytes: [UInt8], at offset: Int, octets: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in offset..<offset + octets { number = number << 8 | UInt64(bytes[index]) }
        return number
    }

    /// How many bytes a short string takes, its length among them.
    /// - Returns: `nil` where it goes beyond `end`.
    static func shortStringSize(_ bytes: [UInt8], at offset: Int, end: Int) -> Int? {
        guard offset < end else { return nil }
        let size = 1 + Int(bytes[offset])
        return size <= end - offset ? size : nil
    }

    /// How many bytes a long string, a table or an array takes, its length among them.
    /// - Returns: `nil` where it goes beyond `end`.
    static func longStringSize(_ bytes: [UInt8], at offset: Int, end: Int) -> Int? {
        guard end - offset >= 4 else { return nil }
        let size =
            4
            + (Int(bytes[offset]) << 24 | Int(bytes[offset + 1]) << 16 | Int(bytes[offset + 2]) << 8
                | Int(bytes[offset + 3]))
        return size <= end - offset ? size : nil
    }

    /// How many bytes the value of a field takes, without the letter of its type.
    /// - Returns: `nil` for a type that is none, and where it goes beyond `end`.
    static func valueSize(of type: UInt8, _ bytes: [UInt8], at offset: Int, end: Int) -> Int? {
        let size: Int
        switch Unicode.Scalar(type) {
        case "t", "b", "B": size = 1
        case "s", "u": size = 2
        case "I", "i", "f": size = 4
        case "l", "L", "d", "T": size = 8
        case "D": size = 5
        case "V": size = 0
        case "S", "x", "A", "F": return longStringSize(bytes, at: offset, end: end)
        default: return nil
        }
        return size <= end - offset ? size : nil
    }

    /// Whether these bytes are the entries of a table, whole and of known types; collects their names.
    static func isTable(_ bytes: [UInt8], _ range: Range<Int>, _ names: inout NameSet, depth: Int = 0) -> Bool
    {
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard let name = shortStringSize(bytes, at: offset, end: range.upperBound),
                let value = checkedField(bytes, at: offset + name, end: range.upperBound, depth: depth)
            else { return false }
            names.insert(bytes, offset + 1..<offset + name)
            offset += name + value
        }
        return true
    }

    private static func isArray(_ bytes: [UInt8], _ range: Range<Int>, depth: Int) -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard let size = checkedField(bytes, at: offset, end: range.upperBound, depth: depth) else {
                return false
            }
            offset += size
        }
        return true
    }

    /// The size of a field, its type among it, after a look at what is in it.
    private static func checkedField(_ bytes: [UInt8], at offset: Int, end: Int, depth: Int) -> Int? {
        guard offset < end, let size = valueSize(of: bytes[offset], bytes, at: offset + 1, end: end) else {
            return nil
        }
        let inner = offset + 5..<max(offset + 5, offset + 1 + size)
        switch Unicode.Scalar(bytes[offset]) {
        case "F" where depth < deepestNesting:
            var names = NameSet()
            guard isTable(bytes, inner, &names, depth: depth + 1) else { return nil }
        case "A" where depth < deepestNesting:
            guard isArray(bytes, inner, depth: depth + 1) else { return nil }
        default: break
        }
        return 1 + size
    }

    /// The bytes as text; those that are no UTF-8 are replaced.
    static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
