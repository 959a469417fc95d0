extension Relation {
    /// Whether the token goes between two values.
    static func isRelation(_ token: Token) -> Bool {
        switch token.kind {
        case .symbol(let symbol): Relation(symbol) != nil
        case .name("in"), .name("contains"), .name("startsWith"): true
        default: false
        }
    }
}

extension Parser {
    /// Reads what follows a value: an operator and its right side.
    /// - Returns: nil where no operator follows.
    mutating func comparison(after left: Operand) throws(FilterError) -> Operand? {
        let word = current
        switch word.kind {
        case .symbol(let symbol):
            guard let relation = Relation(symbol) else { return nil }
            try requireValue(left, beside: word)
            try advance()
            let right = try primaryOfComparison(word)
            return try compared(left, relation, right, word)
        case .name("in"):
            let (name, kind) = try requireField(left, before: "in")
            try advance()
            let literals = try list(of: kind, for: left)
            return test(.isOne(name, of: literals), left, word)
        case .name("startsWith"), .name("contains"):
            let (name, kind) = try requireField(left, before: word.written)
            guard kind == .text || kind == .any else {
                throw error(
                    at: left.column,
                    expected: "text before \(word.written)",
                    found: "\(left.phrase), \(kind.phrase)"
                )
            }
            try advance()
            guard case .text(let text) = current.kind else { throw unexpected("text in double quotes") }
            try advance()
            return test(
                word.written == "contains" ? .contains(name, text) : .startsWith(name, text),
                left,
                word
            )
        default:
            return nil
        }
    }

    /// Reads the right side of a comparison.
    private mutating func primaryOfComparison(_ word: Token) throws(FilterError) -> Operand {
        switch current.kind {
        case .symbol(.not), .name("has"):
            throw unexpected(
                "a field or a value after \(word.written)",
                "a condition is compared with nothing"
            )
        case .name, .number, .text, .symbol(.open): break
        default: throw unexpected("a field or a value after \(word.written)")
        }
        let right = try value()
        try requireValue(right, beside: word)
        return right
    }

    private func compared(
        _ left: Operand,
        _ relation: Relation,
        _ right: Operand,
        _ word: Token
    ) throws(FilterError) -> Operand {
        if left.kind == .flag || right.kind == .flag, relation.isOrder {
            throw error(
                at: word.column,
                expected: "== or !=",
                found: word.phrase,
                "true and false have no order"
            )
        }
        switch (left.content, right.content) {
        case (.field(let first, _), .field(let second, _)):
            try requireSameKind(right, as: left)
            return test(.compareFields(first, relation, second), left, word)
        case (.field(let name, _), .literal(let literal)):
            try requireSameKind(right, as: left)
            return test(.compare(name, relation, literal), left, word)
        case (.literal(let literal), .field(let name, _)):
            try requireSameKind(right, as: left)
            return test(.compare(name, relation.mirrored, literal), left, word)
        default:
            var suggestion: String?
            for case .literal(.text(let text)) in [left.content, right.content]
            where schema.names.contains(text) {
                suggestion = "a field is written without quotes: \(text)"
            }
            throw error(
                at: left.column,
                expected: "a field on one side of \(word.written)",
                found: "two fixed values",
                suggestion
            )
        }
    }

    private mutating func list(
        of kind: FilterSchema.Kind,
        for left: Operand
    ) throws(FilterError) -> [Literal] {
        try expect(.openList, "[ after in")
        var literals: [Literal] = []
        var kind = kind
        while true {
            let literal: Literal
            switch current.kind {
            case .number(let number): literal = .number(number)
            case .text(let text): literal = .text(text)
            case .name("true"), .name("false"): literal = .flag(current.written == "true")
            default: throw unexpected("a number, text, true or false")
            }
            guard kind == .any || kind == literal.kind else {
                let why = literals.isEmpty ? "as \(left.phrase) is" : "as the values before it"
                throw unexpected("\(kind.phrase), \(why)")
            }
            guard literals.count < EventFilter.longestList else {
                throw error(
                    at: current.column,
                    expected: "at most \(EventFilter.longestList) values in a list",
                    found: "one more"
                )
            }
            kind = literal.kind
            literals.append(literal)
            try advance()
            if isSymbol(.closeList) { break }
            try expect(.comma, ", or ]")
        }
        try advance()
        return literals
    }

    // MARK: Kinds

    /// The condition that an operand is: a bare field is one where it is true or false.
    func condition(_ operand: Operand) throws(FilterError) -> ParsedCondition {
        let place = ParsedCondition.Place(
            column: operand.column,
            operatorColumn: operand.column,
            phrase: operand.phrase
        )
        switch operand.content {
        case .condition(let condition): return condition
        case .literal(.flag(let flag)): return .constant(flag, place)
        case .field(let name, _) where operand.isCondition: return .test(.flag(name), place)
        case .field: throw notACondition(operand, "compare it: \(operand.phrase) == …")
        case .literal: throw notACondition(operand, nil)
        }
    }

    func notACondition(_ operand: Operand, _ suggestion: String?) -> FilterError {
        var found = operand.phrase
        if case .field(_, let kind) = operand.content { found += ", \(kind.phrase)" }
        return error(at: operand.column, expected: "a condition", found: found, suggestion)
    }

    private func requireValue(_ operand: Operand, beside word: Token) throws(FilterError) {
        guard case .condition = operand.content else { return }
        throw error(
            at: operand.column,
            expected: "a field or a value beside \(word.phrase)",
            found: "a condition",
            "! and has(…) bind tighter than a comparison: write !(a == b)"
        )
    }

    private func requireField(
        _ operand: Operand,
        before word: String
    ) throws(FilterError) -> (FieldName, FilterSchema.Kind) {
        guard case .field(let name, let kind) = operand.content else {
            throw error(at: operand.column, expected: "a field before \(word)", found: operand.phrase)
        }
        return (name, kind)
    }

    private func requireSameKind(_ right: Operand, as left: Operand) throws(FilterError) {
        guard left.kind != .any, right.kind != .any, left.kind != right.kind else { return }
        let isField = if case .field = right.content { true } else { false }
        throw error(
            at: right.column,
            expected: "\(left.kind.phrase), as \(left.phrase) is",
            found: isField ? "\(right.phrase), \(right.kind.phrase)" : right.phrase
        )
    }

    private func test(_ test: Test, _ left: Operand, _ word: Token) -> Operand {
        self.test(test, column: left.column, operatorColumn: word.column, phrase: word.phrase)
    }

    func test(_ test: Test, column: Int, operatorColumn: Int, phrase: String) -> Operand {
        let place = ParsedCondition.Place(column: column, operatorColumn: operatorColumn, phrase: phrase)
        return Operand(content: .condition(.test(test, place)), column: column, phrase: "a condition")
    }
}

extension Parser.Operand {
    /// What it holds; of a condition, true or false.
    var kind: FilterSchema.Kind {
        switch content {
        case .field(_, let kind): kind
        case .literal(let literal): literal.kind
        case .condition: .flag
        }
    }

    /// Whether it can stand without a comparison.
    var isCondition: Bool {
        switch content {
        case .condition: true
        case .literal(let literal): literal.kind == .flag
        case .field(_, let kind): kind == .flag || kind == .any
        }
    }
}
