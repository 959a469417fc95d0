/// Where the fields that a program asks for stand in a body, found in one pass.
struct BodyFields {
    /// Most fields that are looked for.
    static let capacity = 16

    private enum State {
        case notLooked
        case readable
        case unreadable
    }

    private var state = State.notLooked
    private var places = InlineArray<16, JSONPlace>(repeating: JSONPlace(kind: .missing, range: 0..<0))

    /// The value of the field `names[index]`; the body is passed through at the first call.
    mutating func value(at index: Int, of names: [String], in body: Span<UInt8>) -> FieldContent {
        if case .notLooked = state { state = look(for: names, in: body) ? .readable : .unreadable }
        guard case .readable = state else { return .unreadable }
        let place = places[index]
        switch place.kind {
        case .missing, .null: return .absent
        case .true: return .flag(true)
        case .false: return .flag(false)
        case .text: return .text(TextBytes(json: place.range))
        case .number: return ExactNumber(json: place.range, body).map(FieldContent.number) ?? .other
        case .container: return .other
        }
    }

    /// Of a name that is there twice the first value counts, as for `JSONDecoder`, which handlers read with: the filter
    /// and the handler must not see two different events.
    /// - Returns: Whether the body is one JSON object and nothing else.
    private mutating func look(for names: [String], in body: Span<UInt8>) -> Bool {
        var scanner = JSONScanner()
        guard scanner.begin(body) else { return false }
        while let key = scanner.key(body) {
            guard let value = scanner.value(body) else { return false }
            note(key, value, names, body)
        }
        return scanner.isComplete(body)
    }

    private mutating func note(_ key: Range<Int>, _ value: JSONPlace, _ names: [String], _ body: Span<UInt8>)
    {
        var index = 0
        while index < names.count {
            if TextBytes(json: key).equals(names[index], body) {
                if case .missing = places[index].kind { places[index] = value }
                return
            }
            index += 1
        }
    }
}

/// A value inside a body.
struct JSONPlace {
    enum Kind {
        case missing
        case null
        case `true`
        case `false`
        case text
        case number
        /// A list or an object.
        case container
    }

    var kind: Kind
    /// Of text, what is between the quotes; of a number, all of it.
    var range: Range<Int>
}
