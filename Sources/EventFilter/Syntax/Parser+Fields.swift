extension Parser {
    /// Reads the name of an attribute, a header or a field of the body.
    mutating func field() throws(FilterError) -> Operand {
        let start = current
        try advance()
        switch start.written {
        case "headers":
            let name = try member(of: "headers", example: #"headers.traceparent or headers["x-name"]"#)
            return operand(.header(name.text), .any, start, "headers.\(name.text)")
        case "body":
            let name = try member(of: "body", example: #"body.total or body["a-b"]"#)
            try note(bodyField: name.text, at: name.column)
            try refuseNesting("body")
            return operand(
                .body(name.text),
                schema.bodyFields[name.text] ?? .any,
                start,
                "body.\(name.text)"
            )
        case "in", "contains", "startsWith":
            throw error(
                at: start.column,
                expected: "a field, a value, has(…), ! or (",
                found: "the operator \(start.written)"
            )
        default: break
        }
        if let attribute = FilterAttribute(rawValue: start.written) {
            try refuseNesting(start.written)
            return operand(.attribute(attribute), attribute.kind, start, start.written)
        }
        if let kind = schema.bodyFields[start.written] {
            try note(bodyField: start.written, at: start.column)
            try refuseNesting(start.written)
            return operand(.body(start.written), kind, start, start.written)
        }
        throw error(
            at: start.column,
            expected: "an attribute or a field of the body",
            found: start.phrase,
            start.suggestion ?? suggestion(for: start)
        )
    }

    private func suggestion(for name: Token) -> String {
        if let near = NearestName.find(name.written, among: schema.names) { return "did you mean \(near)?" }
        if isSymbol(.open) { return "the only function is has(field)" }
        return "a field that no event is known to have is written body.\(FilterError.shown(name.written))"
    }

    private func operand(
        _ name: FieldName,
        _ kind: FilterSchema.Kind,
        _ start: Token,
        _ phrase: String
    ) -> Operand {
        Operand(content: .field(name, kind), column: start.column, phrase: FilterError.shown(phrase))
    }

    /// Reads `.name` or `["name"]`.
    private mutating func member(
        of base: String,
        example: String
    ) throws(FilterError) -> (text: String, column: Int) {
        if isSymbol(.dot) {
            try advance()
            let name = current
            guard case .name(let text) = name.kind else {
                throw unexpected("a name", current.suggestion ?? "write \(example)")
            }
            try advance()
            // `headers.retry-attempt` would be a subtraction.
            if case .stray("-") = current.kind { throw unexpected("an operator or the end") }
            return (text, name.column)
        }
        guard isSymbol(.openList) else {
            throw unexpected(". or [ after \(base)", "write \(example)")
        }
        try advance()
        let name = current
        guard case .text(let text) = name.kind else {
            throw unexpected("a name in double quotes", "write \(example)")
        }
        guard !text.isEmpty else { throw unexpected("a name", "write \(example)") }
        try advance()
        try expect(.closeList, "]")
        return (text, name.column)
    }

    private func refuseNesting(_ name: String) throws(FilterError) {
        guard isSymbol(.dot) || isSymbol(.openList) else { return }
        throw unexpected("an operator or the end", "only the fields at the top of the body can be looked at")
    }
}
