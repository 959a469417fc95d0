/// Why a handler did not finish, in one line.
///
/// Travels with the message and is shown to operators, and to whoever may look at the order's journey: put no secret and
/// no customer's data in it.
public struct FailureNote: Hashable, Sendable, ExpressibleByStringLiteral {
    /// Most bytes that are kept.
    public static let longest = 1024

    /// One line of at most ``longest`` bytes.
    public let text: String

    /// Creates a note; line breaks and other control characters become blanks, what is too long is cut.
    public init(_ text: String) {
        self.text = OneLine.text(text, longest: Self.longest)
    }

    /// Creates a note from a fixed text.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

/// What a handler did, in one line, such as `Remaining stock: 48`.
///
/// Shown to whoever looks at the order: put no secret and no customer's data in it.
public struct OutcomeNote: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Most bytes that are kept.
    public static let longest = 256

    /// One line of at most ``longest`` bytes.
    public let text: String

    /// Creates a note; line breaks and other control characters become blanks, what is too long is cut.
    public init(_ text: String) {
        self.text = OneLine.text(text, longest: Self.longest)
    }

    /// Creates a note from a text.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

/// Text that can stand in a header, a table or a log line.
enum OneLine {
    /// The text without control characters, cut to so many bytes of UTF-8.
    static func text(_ text: String, longest: Int) -> String {
        if isOne(text, longest: longest) { return text }
        var line = ""
        var size = 0
        for scalar in text.unicodeScalars {
            let kept = isControl(scalar) ? " " : scalar
            size += UTF8.width(kept)
            guard size <= longest else { break }
            line.unicodeScalars.append(kept)
        }
        return line
    }

    /// Whether ``text(_:longest:)`` would leave the text as it is.
    static func isOne(_ text: String, longest: Int) -> Bool {
        guard text.utf8.count <= longest else { return false }
        // Printable ASCII, as nearly every text is, needs no look at its scalars.
        return isPrintable(text.utf8.span) || !text.unicodeScalars.contains(where: isControl)
    }

    /// Whether all of it is printable ASCII.
    static func isPrintable(_ bytes: Span<UInt8>) -> Bool {
        var isPrintable = true
        // Without leaving early: most texts are, and then many bytes are looked at in one step.
        for index in bytes.indices where !(0x20..<0x7F).contains(bytes[index]) { isPrintable = false }
        return isPrintable
    }

    /// C0 and C1 controls, delete, the two line ends of Unicode, and what turns the writing direction.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
