/// A value stored in, or read from, one column.
public enum SQLValue: Hashable, Sendable {
    /// A 64-bit integer.
    case integer(Int64)
    /// Unicode text.
    case text(String)
    /// Bytes as they are.
    case blob([UInt8])
    /// A binary floating-point number; never for money.
    case real(Double)
    /// No value.
    case null

    /// Wraps text that may be absent.
    public static func text(ifPresent text: String?) -> SQLValue {
        text.map { .text($0) } ?? .null
    }

    /// Wraps an integer that may be absent.
    public static func integer(ifPresent integer: Int64?) -> SQLValue {
        integer.map { .integer($0) } ?? .null
    }

    var typeName: String {
        switch self {
        case .integer: "integer"
        case .text: "text"
        case .blob: "blob"
        case .real: "real"
        case .null: "null"
        }
    }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
    ExpressibleByNilLiteral
{
    /// Writes an integer in place.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Writes text in place.
    public init(stringLiteral value: String) { self = .text(value) }
    /// Writes a floating-point number in place.
    public init(floatLiteral value: Double) { self = .real(value) }
    /// Writes the absence of a value in place.
    public init(nilLiteral: ()) { self = .null }
}
