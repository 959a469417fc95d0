/// Reads and type-checks an expression, from left to right, so that the first error is the leftmost.
///
/// Precedence, from tight to loose: `!`, comparisons, `&&`, `||`. Depth is bounded before it is descended.
struct Parser {
    /// A part of an expression: a condition, or a value to compare.
    struct Operand {
        enum Content {
            case field(FieldName, FilterSchema.Kind)
            case literal(Literal)
            case condition(ParsedCondition)
        }

        let content: Content
        let column: Int
        /// As a message names it.
        let phrase: String
    }

    let schema: FilterSchema
    private var lexer: Lexer
    private(set) var current: Token
    private var depth = 0
    /// Names in `body`, so far.
    private var bodyFields: Set<String> = []

    static func parse(_ expression: String, schema: FilterSchema) throws(FilterError) -> ParsedCondition {
        let bytes = expression.utf8.count
        guard bytes <= EventFilter.longestExpression else {
            throw FilterError(
                expression: expression,
                column: firstColumn(of: expression, beyond: EventFilter.longestExpression),
                expected: "at most \(EventFilter.longestExpression) bytes",
                found: "\(bytes)",
                suggestion: nil
            )
        }
        var parser = try Parser(expression, schema: schema)
        let operand = try parser.alternatives()
        guard case .end = parser.current.kind else {
            throw parser.unexpected("an operator or the end")
        }
        return try parser.condition(operand)
    }

    private init(_ expression: String, schema: FilterSchema) throws(FilterError) {
        self.schema = schema
        lexer = Lexer(expression)
        current = try lexer.next()
    }

    private static func firstColumn(of expression: String, beyond limit: Int) -> Int {
        var bytes = 0
        var column = 1
        for character in expression {
            bytes += character.utf8.count
            if bytes > limit { return column }
            column += 1
        }
        return column
    }

    // MARK: From loose to tight

    private mutating func alternatives() throws(FilterError) -> Operand {
        let first = try conjunction()
        return try list(first, joinedBy: .or)
    }

    private mutating func conjunction() throws(FilterError) -> Operand {
        let first = try comparison()
        return try list(first, joinedBy: .and)
    }

    private mutating func list(_ first: Operand, joinedBy symbol: Token.Symbol) throws(FilterError) -> Operand
    {
        guard isSymbol(symbol) else { return first }
        var conditions = [try condition(first)]
        let place = ParsedCondition.Place(
            column: first.column,
            operatorColumn: current.column,
            phrase: symbol.rawValue
        )
        while isSymbol(symbol) {
            try advance()
            let next = try symbol == .or ? conjunction() : comparison()
            conditions.append(try condition(next))
        }
        let joined: ParsedCondition = symbol == .or ? .any(conditions, place) : .all(conditions, place)
        return Operand(content: .condition(joined), column: first.column, phrase: "a condition")
    }

    private mutating func comparison() throws(FilterError) -> Operand {
        let left = try prefixed()
        guard let compared = try comparison(after: left) else { return left }
        if Relation.isRelation(current) {
            throw unexpected("&&, || or the end", "a comparison is not continued; join two with &&")
        }
        return compared
    }

    /// Reads a value that a comparison has on its right.
    mutating func value() throws(FilterError) -> Operand { try primary() }

    private mutating func prefixed() throws(FilterError) -> Operand {
        guard isSymbol(.not) else { return try primary() }
        let start = current
        try descend()
        try advance()
        let operand = try prefixed()
        depth -= 1
        let place = ParsedCondition.Place(column: start.column, operatorColumn: start.column, phrase: "!")
        guard operand.isCondition else {
            throw notACondition(operand, "! takes a condition: write !(\(operand.phrase) == …)")
        }
        let negated = ParsedCondition.not(try condition(operand), place)
        return Operand(content: .condition(negated), column: start.column, phrase: "a condition")
    }

    private mutating func primary() throws(FilterError) -> Operand {
        let start = current
        switch start.kind {
        case .number(let number):
            try advance()
            return literal(.number(number), start)
        case .text(let text):
            try advance()
            return literal(.text(text), start)
        case .name("true"), .name("false"):
            try advance()
            return literal(.flag(start.written == "true"), start)
        case .name("has"):
            return try presence()
        case .name:
            return try field()
        case .symbol(.open):
            try descend()
            try advance()
            let inner = try alternatives()
            guard isSymbol(.close) else { throw unexpected("an operator or )") }
            try advance()
            depth -= 1
            return Operand(content: inner.content, column: start.column, phrase: inner.phrase)
        default:
            throw unexpected("a field, a value, has(…), ! or (")
        }
    }

    private mutating func presence() throws(FilterError) -> Operand {
        let start = current
        try advance()
        try expect(.open, "( after has")
        guard case .name = current.kind else { throw unexpected("the name of a field") }
        let operand = try field()
        guard case .field(let name, _) = operand.content else { return operand }
        try expect(.close, ")")
        return test(.has(name), column: start.column, operatorColumn: start.column, phrase: "has(…)")
    }

    private func literal(_ literal: Literal, _ token: Token) -> Operand {
        Operand(content: .literal(literal), column: token.column, phrase: token.phrase)
    }

    // MARK: Words

    func isSymbol(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

    mutating func advance() throws(FilterError) { current = try lexer.next() }

    mutating func expect(_ symbol: Token.Symbol, _ expected: String) throws(FilterError) {
        guard isSymbol(symbol) else { throw unexpected(expected) }
        try advance()
    }

    /// Notes a field of the body, of which there are at most ``EventFilter/mostBodyFields``.
    mutating func note(bodyField name: String, at column: Int) throws(FilterError) {
        bodyFields.insert(name)
        guard bodyFields.count <= EventFilter.mostBodyFields else {
            throw error(
                at: column,
                expected: "at most \(EventFilter.mostBodyFields) different fields of the body",
                found: "one more"
            )
        }
    }

    private mutating func descend() throws(FilterError) {
        depth += 1
        guard depth <= EventFilter.deepestNesting else {
            throw error(
                at: current.column,
                expected: "at most \(EventFilter.deepestNesting) levels of ( and !",
                found: "one more"
            )
        }
    }

    // MARK: Errors

    func unexpected(_ expected: String, _ suggestion: String? = nil) -> FilterError {
        error(
            at: current.column,
            expected: expected,
            found: current.phrase,
            suggestion ?? current.suggestion
        )
    }

    func error(at column: Int, expected: String, found: String, _ suggestion: String? = nil) -> FilterError {
        FilterError(
            expression: lexer.expression,
            column: column,
            expected: expected,
            found: found,
            suggestion: suggestion
        )
    }
}
