@testable import RabbitMQ

extension FieldTable {
    /// A table of up to five values of any type, to some depth.
    static func random(depth: Int, _ random: inout SeededGenerator) -> FieldTable {
        var table = FieldTable()
        for index in 0..<Int.random(in: 0...5, using: &random) {
            table["name\(index)"] = .random(depth: depth, &random)
        }
        return table
    }
}

extension FieldValue {
    /// A value of any type.
    static func random(depth: Int, _ random: inout SeededGenerator) -> FieldValue {
        let bits = UInt64.random(in: 0...UInt64.max, using: &random)
        switch bits % (depth > 0 ? 19 : 17) {
        case 0: return .bool(bits & 64 == 0)
        case 1: return .int8(Int8(truncatingIfNeeded: bits))
        case 2: return .uint8(UInt8(truncatingIfNeeded: bits))
        case 3: return .int16(Int16(truncatingIfNeeded: bits))
        case 4: return .uint16(UInt16(truncatingIfNeeded: bits))
        case 5: return .int32(Int32(truncatingIfNeeded: bits))
        case 6: return .uint32(UInt32(truncatingIfNeeded: bits))
        case 7: return .int64(Int64(truncatingIfNeeded: bits))
        case 8: return .uint64(bits)
        case 9: return .float(Float(bits % 1_000_000) / 7)
        case 10: return .double(Double(bits) / 3)
        case 11: return .decimal(scale: UInt8(bits % 10), value: UInt32(truncatingIfNeeded: bits))
        case 12: return .string("text \(bits) ü")
        case 13: return .rawString([0xC3, 0x28, UInt8(truncatingIfNeeded: bits)])
        case 14: return .timestamp(bits)
        case 15: return .void
        case 16: return .bytes((0..<(bits % 40)).map { UInt8(truncatingIfNeeded: $0) })
        case 17: return .array((0..<Int(bits % 4)).map { _ in FieldValue.random(depth: depth - 1, &random) })
        default: return .table(.random(depth: depth - 1, &random))
        }
    }
}
