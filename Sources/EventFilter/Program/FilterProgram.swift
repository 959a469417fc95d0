/// A condition as a flat list of steps, ready to run without recursion.
///
/// There is one register, the result of the last test; `&&` and `||` are jumps over what no longer matters. `!` is not a
/// step: it is moved inwards to the tests, by De Morgan, so that a test which cannot be answered can hold whichever way
/// it is asked.
struct FilterProgram: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case constant(Bool)
        case test(Question, isNegated: Bool)
        case jumpIfFalse(Int)
        case jumpIfTrue(Int)
    }

    /// A test whose names and values are numbers of the tables below.
    enum Question: Hashable, Sendable {
        case has(Source)
        case flag(Source)
        case compareNumber(Source, Relation, Int)
        case compareText(Source, Relation, Int)
        case compareFlag(Source, Relation, Bool)
        case compare(Source, Relation, Source)
        case isOne(Source, first: Int, count: Int)
        case isOneOfTexts(Source, first: Int, count: Int)
        case isFlag(Source, canBeTrue: Bool, canBeFalse: Bool)
        case startsWith(Source, Int)
        case contains(Source, Int)
    }

    /// Where a value comes from.
    enum Source: Hashable, Sendable {
        case attribute(FilterAttribute)
        case header(Int)
        case body(Int)
    }

    private(set) var steps: [Step] = []
    private(set) var headers: [String] = []
    private(set) var bodyFields: [String] = []
    private(set) var numbers: [ExactDecimal] = []
    private(set) var texts: [String] = []
    private(set) var needles: [Needle] = []

    init(_ condition: ParsedCondition) {
        append(condition, isNegated: false)
    }

    private mutating func append(_ condition: ParsedCondition, isNegated: Bool) {
        switch condition {
        case .constant(let value, _): steps.append(.constant(value != isNegated))
        case .test(let test, _): steps.append(.test(question(test), isNegated: isNegated))
        case .not(let inner, _): append(inner, isNegated: !isNegated)
        case .all(let parts, _): append(parts, isNegated, isConjunction: !isNegated)
        case .any(let parts, _): append(parts, isNegated, isConjunction: isNegated)
        }
    }

    private mutating func append(_ parts: [ParsedCondition], _ isNegated: Bool, isConjunction: Bool) {
        var jumps: [Int] = []
        for (index, part) in parts.enumerated() {
            append(part, isNegated: isNegated)
            guard index < parts.count - 1 else { break }
            jumps.append(steps.count)
            steps.append(.constant(false))
        }
        for jump in jumps {
            steps[jump] = isConjunction ? .jumpIfFalse(steps.count) : .jumpIfTrue(steps.count)
        }
    }

    private mutating func question(_ test: Test) -> Question {
        switch test {
        case .has(let name): .has(source(name))
        case .flag(let name): .flag(source(name))
        case .compare(let name, let relation, .number(let number)):
            .compareNumber(source(name), relation, Self.add(number, to: &numbers))
        case .compare(let name, let relation, .text(let text)):
            .compareText(source(name), relation, Self.add(text, to: &texts))
        case .compare(let name, let relation, .flag(let flag)):
            .compareFlag(source(name), relation, flag)
        case .compareFields(let first, let relation, let second):
            .compare(source(first), relation, source(second))
        case .isOne(let name, let literals): membership(of: source(name), in: literals)
        case .startsWith(let name, let text): .startsWith(source(name), Self.add(text, to: &texts))
        case .contains(let name, let text): .contains(source(name), Self.add(Needle(text), to: &needles))
        }
    }

    /// All literals of a list are of one kind; the parser has seen to it.
    private mutating func membership(of source: Source, in literals: [Literal]) -> Question {
        let (firstNumber, firstText) = (numbers.count, texts.count)
        var flags: Set<Bool> = []
        for literal in literals {
            switch literal {
            case .number(let number): numbers.append(number)
            case .text(let text): texts.append(text)
            case .flag(let flag): flags.insert(flag)
            }
        }
        switch literals.first {
        case .number: return .isOne(source, first: firstNumber, count: literals.count)
        case .text: return .isOneOfTexts(source, first: firstText, count: literals.count)
        case .flag, nil:
            return .isFlag(source, canBeTrue: flags.contains(true), canBeFalse: flags.contains(false))
        }
    }

    private mutating func source(_ name: FieldName) -> Source {
        switch name {
        case .attribute(let attribute): .attribute(attribute)
        case .header(let name): .header(Self.add(name, to: &headers))
        case .body(let name): .body(Self.add(name, to: &bodyFields))
        }
    }

    /// The element's place in the table; an element stands there once.
    private static func add<Element: Equatable>(_ element: Element, to table: inout [Element]) -> Int {
        if let index = table.firstIndex(of: element) { return index }
        table.append(element)
        return table.count - 1
    }
}

/// A text to look for, prepared so that each byte that is searched is looked at once (Knuth, Morris, Pratt).
struct Needle: Hashable, Sendable {
    let bytes: [UInt8]
    /// How much of the needle still matches when the byte after so many does not.
    let fallback: [Int]

    init(_ text: String) {
        let bytes = Array(text.utf8)
        var fallback = [Int](repeating: 0, count: bytes.count + 1)
        var matched = 0
        for index in bytes.indices.dropFirst() {
            while matched > 0, bytes[index] != bytes[matched] { matched = fallback[matched] }
            if bytes[index] == bytes[matched] { matched += 1 }
            fallback[index + 1] = matched
        }
        self.bytes = bytes
        self.fallback = fallback
    }
}
