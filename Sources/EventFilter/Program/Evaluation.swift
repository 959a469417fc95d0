/// One run of a program over one event.
///
/// Everything that it needs stands on the stack: no list, no string, no table is made.
struct Evaluation {
    private var fields = BodyFields()

    mutating func run(_ program: borrowing FilterProgram, on event: borrowing some FilterableEvent) -> Bool {
        let body = event.body
        var index = 0
        var result = true
        while index < program.steps.count {
            switch program.steps[index] {
            case .constant(let value): result = value
            case .jumpIfFalse(let target) where !result, .jumpIfTrue(let target) where result:
                index = target
                continue
            case .jumpIfFalse, .jumpIfTrue: break
            case .test(let question, let isNegated):
                result = holds(question, isNegated, program, event, body.span)
            }
            index += 1
        }
        return result
    }

    private mutating func holds(
        _ question: FilterProgram.Question,
        _ isNegated: Bool,
        _ program: borrowing FilterProgram,
        _ event: borrowing some FilterableEvent,
        _ body: Span<UInt8>
    ) -> Bool {
        let source =
            switch question {
            case .has(let source), .flag(let source), .compareNumber(let source, _, _),
                .compareText(let source, _, _), .compareFlag(let source, _, _), .compare(let source, _, _),
                .isOne(let source, _, _), .isOneOfTexts(let source, _, _), .isFlag(let source, _, _),
                .startsWith(let source, _), .contains(let source, _):
                source
            }
        let value = value(of: source, program, event, body)
        // A body that cannot be read is nothing that a filter decides about.
        if case .unreadable = value { return true }
        if case .compare(_, let relation, let other) = question {
            let second = self.value(of: other, program, event, body)
            if case .unreadable = second { return true }
            return Self.compare(value, relation, second, body) != isNegated
        }
        return Self.answer(question, value, program, body) != isNegated
    }

    private static func answer(
        _ question: FilterProgram.Question,
        _ value: consuming FieldContent,
        _ program: borrowing FilterProgram,
        _ body: Span<UInt8>
    ) -> Bool {
        switch (question, value) {
        case (_, .absent): false
        case (.has, _): true
        case (.flag, .flag(let flag)): flag
        case (.compareNumber(_, let relation, let index), .number(let number)):
            relation.holds(number.order(to: ExactNumber(program.numbers[index]), body))
        case (.compareText(_, let relation, let index), .text(let text)):
            relation.holds(text.order(to: TextBytes(program.texts[index]), body))
        case (.compareFlag(_, let relation, let wanted), .flag(let flag)):
            relation.holds(flag == wanted ? 0 : 1)
        case (.isOne(_, let first, let count), .number(let number)):
            isOne(number, of: program, first, count, body)
        case (.isOneOfTexts(_, let first, let count), .text(let text)):
            isOne(text, of: program, first, count, body)
        case (.isFlag(_, let canBeTrue, let canBeFalse), .flag(let flag)):
            flag ? canBeTrue : canBeFalse
        case (.startsWith(_, let index), .text(let text)):
            text.starts(with: TextBytes(program.texts[index]), body)
        case (.contains(_, let index), .text(let text)):
            text.contains(program.needles[index], body)
        default: false
        }
    }

    private static func isOne(
        _ number: ExactNumber,
        of program: borrowing FilterProgram,
        _ first: Int,
        _ count: Int,
        _ body: Span<UInt8>
    ) -> Bool {
        var index = first
        while index < first + count {
            if number.order(to: ExactNumber(program.numbers[index]), body) == 0 { return true }
            index += 1
        }
        return false
    }

    private static func isOne(
        _ text: TextBytes,
        of program: borrowing FilterProgram,
        _ first: Int,
        _ count: Int,
        _ body: Span<UInt8>
    ) -> Bool {
        var index = first
        while index < first + count {
            if text.order(to: TextBytes(program.texts[index]), body) == 0 { return true }
            index += 1
        }
        return false
    }

    private static func compare(
        _ first: FieldContent,
        _ relation: Relation,
        _ second: FieldContent,
        _ body: Span<UInt8>
    ) -> Bool {
        switch (first, second) {
        case (.number(let first), .number(let second)): relation.holds(first.order(to: second, body))
        case (.text(let first), .text(let second)): relation.holds(first.order(to: second, body))
        case (.flag(let first), .flag(let second)) where !relation.isOrder:
            relation.holds(first == second ? 0 : 1)
        default: false
        }
    }

    private mutating func value(
        of source: FilterProgram.Source,
        _ program: borrowing FilterProgram,
        _ event: borrowing some FilterableEvent,
        _ body: Span<UInt8>
    ) -> FieldContent {
        switch source {
        case .attribute(let attribute): FieldContent(event.value(of: attribute))
        case .header(let index): FieldContent(event.value(ofHeader: program.headers[index]))
        case .body(let index): fields.value(at: index, of: program.bodyFields, in: body)
        }
    }
}
