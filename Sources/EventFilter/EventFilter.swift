/// An expression over an event, parsed and type-checked once.
///
///     total >= 100 && product_id in [1, 2] && type == "order.created"
///
/// A comparison with something that the event has not, or that is of another kind in it, does not hold, `!=` included;
/// `has(x)` asks whether it is there, and JSON's `null` is not. Numbers are compared exactly, text by its Unicode scalars.
public struct EventFilter: Hashable, Sendable {
    /// Most bytes of an expression.
    public static let longestExpression = 4_096
    /// Most levels of `(` and `!`.
    public static let deepestNesting = 64
    /// Most values in one list.
    public static let longestList = 256
    /// Most different fields of the body in one expression.
    public static let mostBodyFields = BodyFields.capacity

    /// What was written.
    public let source: String
    let program: FilterProgram

    /// Reads an expression.
    ///
    /// Pure; the time it takes is bounded by ``longestExpression``, whatever is written.
    /// - Parameters:
    ///   - expression: What to accept.
    ///   - schema: What it may name.
    /// - Throws: ``FilterError`` with the first thing that is wrong.
    public init(_ expression: String, schema: FilterSchema) throws(FilterError) {
        let condition = try Parser.parse(expression, schema: schema)
        self.init(expression, condition)
    }

    init(_ expression: String, _ condition: ParsedCondition) {
        source = expression
        program = FilterProgram(condition)
    }

    /// Whether the expression holds for an event.
    ///
    /// Any thread; allocates nothing. The body is looked at only where the expression asks for one of its fields, once,
    /// from its beginning to its end. A body that is no JSON object in UTF-8, or is nested more than 64 levels deep,
    /// passes every condition on its fields: whoever handles the event decides about it, and no broken message is lost.
    /// - Parameter event: The event.
    /// - Returns: Whether to handle it.
    public func accepts(_ event: some FilterableEvent) -> Bool {
        var evaluation = Evaluation()
        return evaluation.run(program, on: event)
    }
}
