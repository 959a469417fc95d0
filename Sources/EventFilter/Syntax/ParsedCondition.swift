/// An expression, read and type-checked.
///
/// As deep as the expression's `(` and `!`, since `&&` and `||` are lists: walking it recursively is bounded.
indirect enum ParsedCondition {
    /// True or false, for every event.
    case constant(Bool, Place)
    case test(Test, Place)
    case not(ParsedCondition, Place)
    /// `&&`; at least two.
    case all([ParsedCondition], Place)
    /// `||`; at least two.
    case any([ParsedCondition], Place)

    /// Where something stands, for messages.
    struct Place {
        /// The first character.
        var column: Int
        /// The operator, or the first character where there is none.
        var operatorColumn: Int
        /// The operator, or what it is.
        var phrase: String
    }

    var place: Place {
        switch self {
        case .constant(_, let place), .test(_, let place), .not(_, let place), .all(_, let place),
            .any(_, let place):
            place
        }
    }
}

/// One question to an event.
enum Test {
    case has(FieldName)
    /// The field is true.
    case flag(FieldName)
    case compare(FieldName, Relation, Literal)
    case compareFields(FieldName, Relation, FieldName)
    case isOne(FieldName, of: [Literal])
    case startsWith(FieldName, String)
    case contains(FieldName, String)
}

/// What an expression looks at.
enum FieldName: Hashable {
    case attribute(FilterAttribute)
    case header(String)
    /// A field at the top level of the body.
    case body(String)
}

/// A value that stands in an expression.
enum Literal: Hashable {
    case number(ExactDecimal)
    case text(String)
    case flag(Bool)

    var kind: FilterSchema.Kind {
        switch self {
        case .number: .number
        case .text: .text
        case .flag: .flag
        }
    }
}

/// How two values compare.
enum Relation: Hashable, Sendable {
    case equal
    case notEqual
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual

    init?(_ symbol: Token.Symbol) {
        switch symbol {
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        default: return nil
        }
    }

    /// Whether it asks for more than being the same or not.
    var isOrder: Bool { self != .equal && self != .notEqual }

    /// The same with both sides exchanged.
    var mirrored: Relation {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }

    /// - Parameter order: Negative, zero or positive, as the left side is less, equal or greater.
    /// - Returns: Whether the relation holds.
    func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }
}
