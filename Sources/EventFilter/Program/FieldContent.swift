/// What an event has under a name, in a shape that can be compared without making anything.
enum FieldContent {
    /// Nothing, or JSON's `null`.
    case absent
    /// The body is no JSON object.
    case unreadable
    case flag(Bool)
    case text(TextBytes)
    case number(ExactNumber)
    /// Nothing that compares: a list, an object, bytes.
    case other

    init(_ value: FilterValue) {
        switch value {
        case .absent: self = .absent
        case .text(let text): self = .text(TextBytes(text))
        case .flag(let flag): self = .flag(flag)
        case .number(let isNegative, let magnitude, let scale):
            self = .number(ExactNumber(isNegative: isNegative, magnitude: magnitude, scale: scale))
        case .other: self = .other
        }
    }
}
