/// What an event has beside its headers and its body; an expression names it as the case is spelt.
///
/// Wins over a field of the body with the same name, which is reached as `body.id`.
public enum FilterAttribute: String, CaseIterable, Hashable, Sendable {
    /// The event's own id; the order's is `subject`.
    case id
    /// What happened, such as `order.created`.
    case type
    /// Who says so, such as `/order-service`.
    case source
    /// What it is about.
    case subject
    /// When it happened, RFC 3339.
    case time
    /// The version of the type's body, from 1.
    case version
    /// Whether it comes from the event log.
    case replayed

    /// What it holds.
    public var kind: FilterSchema.Kind {
        switch self {
        case .id, .type, .source, .subject, .time: .text
        case .version: .number
        case .replayed: .flag
        }
    }

    /// The header that says the same in every event that is published, if it is text.
    var header: String? {
        switch self {
        case .id, .type, .source, .subject, .time: "cloudEvents_\(rawValue)"
        case .version, .replayed: nil
        }
    }
}

/// A value that an event has outside of its body.
public enum FilterValue: Hashable, Sendable {
    /// There is none.
    case absent
    /// Text.
    case text(String)
    /// True or false.
    case flag(Bool)
    /// `magnitude` divided by ten to the power of `scale`, negative or not.
    case number(isNegative: Bool, magnitude: UInt64, scale: Int)
    /// Something that no expression can compare: a list, bytes, a binary fraction.
    case other

    /// A whole number.
    public static func number(_ number: Int64) -> FilterValue {
        .number(isNegative: number < 0, magnitude: number.magnitude, scale: 0)
    }
}

/// What a filter looks at.
///
/// An implementation that allocates nothing keeps ``EventFilter/accepts(_:)`` free of allocations.
public protocol FilterableEvent {
    /// The value of an attribute.
    func value(of attribute: FilterAttribute) -> FilterValue
    /// The value of the header with exactly this name.
    func value(ofHeader name: String) -> FilterValue
    /// The body, as it came.
    var body: [UInt8] { get }
}
