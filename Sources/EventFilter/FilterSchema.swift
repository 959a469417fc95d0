/// What an expression may name, and of which kind it is.
public struct FilterSchema: Hashable, Sendable {
    /// What a value is, as far as an expression is concerned.
    public enum Kind: String, Hashable, Sendable {
        /// An exact decimal number.
        case number
        /// Unicode text; a time is one, too.
        case text
        /// True or false.
        case flag
        /// Known only when an event is there: a header, or a field that is not the same in every event.
        case any

        /// As a message says it.
        var phrase: String {
            switch self {
            case .number: "a number"
            case .text: "text"
            case .flag: "true or false"
            case .any: "a value"
            }
        }
    }

    /// One field of an event's body.
    public struct Field: Hashable, Sendable {
        /// Its name in the JSON object.
        public let name: String
        /// What it holds.
        public let kind: Kind

        /// Describes a field.
        public init(_ name: String, _ kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    /// The fields that an expression may name without `body.`, and their kinds.
    public let bodyFields: [String: Kind]

    /// Creates a schema.
    ///
    /// - Parameter bodyFields: Of all types of events together. A name that comes with two kinds becomes ``Kind/any``: it
    ///   may be compared with either, and what an event has instead does not match.
    public init(bodyFields: [Field]) {
        self.bodyFields = Dictionary(bodyFields.map { ($0.name, $0.kind) }) { $0 == $1 ? $0 : .any }
    }

    /// Every name that stands alone, for suggestions.
    var names: [String] {
        FilterAttribute.allCases.map(\.rawValue) + bodyFields.keys.sorted() + ["headers", "body", "has"]
    }
}
