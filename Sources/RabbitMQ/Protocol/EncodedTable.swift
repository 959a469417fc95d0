/// The entries of a field table as they came over the wire, read where they lie.
///
/// Pure. Most headers of most messages are looked at by nobody, so a value is made when somebody asks for it. The bytes
/// are shared with the rest of the message's properties and were checked on arrival.
struct EncodedTable: Sendable {
    private let bytes: [UInt8]
    private let range: Range<Int>
    /// What may be in it; most names that are asked for are not.
    private let names: NameSet
    /// How many tables it is in.
    private let depth: Int

    /// - Precondition: ``FieldReading/isTable(_:_:_:depth:)``.
    init(_ bytes: [UInt8], _ range: Range<Int>, _ names: NameSet = .any, depth: Int = 0) {
        self.bytes = bytes
        self.range = range
        self.names = names
        self.depth = depth
    }

    var isEmpty: Bool { range.isEmpty }

    func hasSameBytes(as other: EncodedTable) -> Bool {
        range == other.range && depth == other.depth && bytes == other.bytes
    }

    /// The first value of this name.
    subscript(name: String) -> FieldValue? {
        guard names.mayContain(name) else { return nil }
        let length = name.utf8.count
        var offset = range.lowerBound
        while offset < range.upperBound {
            // The lengths first: most names differ in them.
            let isWanted = Int(bytes[offset]) == length && isText(name, at: offset + 1)
            offset += 1 + Int(bytes[offset])
            guard let size = size(at: offset, end: range.upperBound) else { return nil }
            if isWanted { return value(at: offset, size: size) }
            offset += 1 + size
        }
        return nil
    }

    /// The size of the value whose type is at `type`.
    private func size(at type: Int, end: Int) -> Int? {
        FieldReading.valueSize(of: bytes[type], bytes, at: type + 1, end: end)
    }

    private func isText(_ text: String, at offset: Int) -> Bool {
        var index = offset
        for byte in text.utf8 {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Every entry, in order.
    var entries: [FieldTable.Entry] {
        var entries: [FieldTable.Entry] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            let start = offset + 1
            offset = start + Int(bytes[offset])
            guard let size = size(at: offset, end: range.upperBound) else { break }
            let name = FieldReading.text(bytes, start..<offset)
            entries.append(FieldTable.Entry(name: name, value: value(at: offset, size: size)))
            offset += 1 + size
        }
        return entries
    }

    private func array(_ range: Range<Int>) -> [FieldValue] {
        var values: [FieldValue] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard let size = size(at: offset, end: range.upperBound) else { break }
            values.append(EncodedTable(bytes, range, depth: depth + 1).value(at: offset, size: size))
            offset += 1 + size
        }
        return values
    }

    /// The value whose type is at `type`.
    private func value(at type: Int, size: Int) -> FieldValue {
        guard depth < FieldReading.deepestNesting else { return .void }
        let start = type + 1
        func number(_ octets: Int) -> UInt64 { FieldReading.number(bytes, at: start, octets: octets) }
        switch Unicode.Scalar(bytes[type]) {
        case "t": return .bool(bytes[start] != 0)
        case "b": return .int8(Int8(bitPattern: bytes[start]))
        case "B": return .uint8(bytes[start])
        case "s": return .int16(Int16(truncatingIfNeeded: number(2)))
        case "u": return .uint16(UInt16(truncatingIfNeeded: number(2)))
        case "I": return .int32(Int32(truncatingIfNeeded: number(4)))
        case "i": return .uint32(UInt32(truncatingIfNeeded: number(4)))
        case "l": return .int64(Int64(bitPattern: number(8)))
        case "L": return .uint64(number(8))
        case "f": return .float(Float(bitPattern: UInt32(truncatingIfNeeded: number(4))))
        case "d": return .double(Double(bitPattern: number(8)))
        case "D":
            let value = FieldReading.number(bytes, at: start + 1, octets: 4)
            return .decimal(scale: bytes[start], value: UInt32(truncatingIfNeeded: value))
        case "T": return .timestamp(number(8))
        case "S": return string(start + 4..<start + size)
        case "x": return .bytes(Array(bytes[start + 4..<start + size]))
        case "A": return .array(array(start + 4..<start + size))
        case "F":
            return .table(FieldTable(EncodedTable(bytes, start + 4..<start + size, depth: depth + 1).entries))
        default: return .void
        }
    }

    private func string(_ range: Range<Int>) -> FieldValue {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            return .rawString(Array(bytes[range]))
        }
        return .string(text)
    }
}
