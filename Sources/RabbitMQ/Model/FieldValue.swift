/// One value of an AMQP field table, with its exact wire type.
///
/// Every type of AMQP 0-9-1 as RabbitMQ speaks it is here, so that a message that is read and published again
/// keeps its headers unchanged.
/// Source: AMQP 0-9-1 section 4.2.5.5 with RabbitMQ's errata on field types.
public enum FieldValue: Hashable, Sendable {
    /// `t`
    case bool(Bool)
    /// `b`
    case int8(Int8)
    /// `B`
    case uint8(UInt8)
    /// `s`
    case int16(Int16)
    /// `u`
    case uint16(UInt16)
    /// `I`
    case int32(Int32)
    /// `i`
    case uint32(UInt32)
    /// `l`
    case int64(Int64)
    /// `L`: RabbitMQ never sends it and reads it as signed.
    case uint64(UInt64)
    /// `f`
    case float(Float)
    /// `d`
    case double(Double)
    /// `D`: `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: UInt32)
    /// `S` whose bytes are UTF-8, which is what nearly every client sends.
    case string(String)
    /// `S` whose bytes are not UTF-8; AMQP does not promise that they are.
    case rawString([UInt8])
    /// `A`
    case array([FieldValue])
    /// `T`: seconds since 1970.
    case timestamp(UInt64)
    /// `F`
    case table(FieldTable)
    /// `V`
    case void
    /// `x`
    case bytes([UInt8])
}

extension FieldValue {
    /// The text, if this is a string of UTF-8.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, if this is an integer of any width that fits.
    public var integer: Int64? {
        switch self {
        case .int8(let number): Int64(number)
        case .uint8(let number): Int64(number)
        case .int16(let number): Int64(number)
        case .uint16(let number): Int64(number)
        case .int32(let number): Int64(number)
        case .uint32(let number): Int64(number)
        case .int64(let number): number
        case .uint64(let number): Int64(exactly: number)
        case .bool, .float, .double, .decimal, .string, .rawString, .array, .timestamp, .table, .void, .bytes:
            nil
        }
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Writes a string as `.string`.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Writes an integer as `.int64`.
    public init(integerLiteral value: Int64) { self = .int64(value) }
    /// Writes a truth value as `.bool`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension FieldValue: CustomStringConvertible {
    /// The value as a person writes it; for messages and the printed topology, not for parsing.
    public var description: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int8(let value): "\(value)"
        case .uint8(let value): "\(value)"
        case .int16(let value): "\(value)"
        case .uint16(let value): "\(value)"
        case .int32(let value): "\(value)"
        case .uint32(let value): "\(value)"
        case .int64(let value): "\(value)"
        case .uint64(let value): "\(value)"
        case .float(let value): "\(value)"
        case .double(let value): "\(value)"
        case .decimal(let scale, let value): "\(value)e-\(scale)"
        case .string(let value): value
        case .rawString(let value): "\(value.count) bytes"
        case .array(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        case .timestamp(let seconds): "@\(seconds)"
        case .table(let table): table.description
        case .void: "void"
        case .bytes(let value): "\(value.count) bytes"
        }
    }
}
