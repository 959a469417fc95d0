/// A filter that the broker can apply itself: equality on headers and nothing else.
public struct BrokerFilter: Hashable, Sendable {
    /// One header and what it must be.
    public struct Condition: Hashable, Sendable {
        /// What a header can be compared with.
        public enum Value: Hashable, Sendable {
            /// Text.
            case text(String)
            /// A truth value.
            case flag(Bool)
        }

        /// The header.
        public let header: String
        /// What it must be.
        public let value: Value
    }

    /// The same filter for the worker, which applies it to what comes another way.
    public let filter: EventFilter
    /// All must hold; no header is there twice.
    public let conditions: [Condition]

    /// Reads an expression that consists of `==` on headers and attributes, joined by `&&`.
    ///
    /// The attributes `id`, `type`, `source`, `subject` and `time` are the headers `cloudEvents_id` and so on: an event
    /// without them does not come through the broker's filter. Numbers cannot be compared, since a broker takes the same
    /// number of another width for another value; neither can headers that begin with `x-`, which it does not look at.
    /// - Parameters:
    ///   - expression: What the broker lets through.
    ///   - schema: What it may name.
    /// - Throws: ``FilterError`` with the first thing that is wrong, or that only a worker can do.
    public init(_ expression: String, schema: FilterSchema) throws(FilterError) {
        let condition = try Parser.parse(expression, schema: schema)
        filter = EventFilter(expression, condition)
        var conditions: [Condition] = []
        var parts = [condition]
        while let part = parts.popLast() {
            if case .all(let inner, _) = part {
                parts.append(contentsOf: inner.reversed())
                continue
            }
            let found = try Self.equality(part, in: expression)
            guard !conditions.contains(where: { $0.header == found.header }) else {
                throw Self.error(
                    at: part.place.column,
                    in: expression,
                    expected: "each header once",
                    found: "\(FilterError.shown(found.header)) again"
                )
            }
            conditions.append(found)
        }
        self.conditions = conditions
    }

    private static func equality(
        _ condition: ParsedCondition,
        in expression: String
    ) throws(FilterError) -> Condition {
        let place = condition.place
        guard case .test(.compare(let name, .equal, let literal), _) = condition else {
            throw error(
                at: place.operatorColumn,
                in: expression,
                expected: "only == on headers, joined by &&, for the broker",
                found: place.phrase,
                "write this condition in worker.filter"
            )
        }
        let header: String
        switch name {
        case .header(let name): header = name
        case .attribute(let attribute) where attribute.header != nil: header = attribute.header ?? ""
        case .attribute(let attribute):
            throw onlyWorker(place, expression, "\(attribute.rawValue), which is no header of every event")
        case .body(let name):
            throw onlyWorker(place, expression, "\(FilterError.shown(name)), a field of the body")
        }
        guard !header.hasPrefix("x-") else {
            throw onlyWorker(
                place,
                expression,
                "\(FilterError.shown(header)): it does not look at names that begin with x-"
            )
        }
        guard header.utf8.count <= 255 else {
            throw onlyWorker(place, expression, "a name of more than 255 bytes")
        }
        switch literal {
        case .text(let text): return Condition(header: header, value: .text(text))
        case .flag(let flag): return Condition(header: header, value: .flag(flag))
        case .number:
            throw onlyWorker(
                place,
                expression,
                "a number: it takes the same number of another width for another value"
            )
        }
    }

    private static func onlyWorker(
        _ place: ParsedCondition.Place,
        _ expression: String,
        _ found: String
    ) -> FilterError {
        error(
            at: place.column,
            in: expression,
            expected: "a header that the broker can compare",
            found: found,
            "write this condition in worker.filter"
        )
    }

    private static func error(
        at column: Int,
        in expression: String,
        expected: String,
        found: String,
        _ suggestion: String? = nil
    ) -> FilterError {
        FilterError(
            expression: expression,
            column: column,
            expected: expected,
            found: found,
            suggestion: suggestion
        )
    }
}
