extension SettingsChecklist {
    /// Reads a whole number.
    ///
    /// - Parameters:
    ///   - key: Lower-case words and dots.
    ///   - range: What is allowed.
    ///   - standard: Value where no source gives one.
    ///   - meaning: A few words for the help, with the unit.
    /// - Returns: The number, or the default after noting the problem.
    public mutating func integer(
        _ key: String,
        in range: ClosedRange<Int>,
        default standard: Int,
        _ meaning: String
    ) -> Int {
        value(key, default: standard, shownAs: "\(standard)", meaning) { text throws(BrokenRule) in
            guard let number = Int(text), range.contains(number) else {
                throw BrokenRule("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    /// Reads a duration such as `250ms`, `5s`, `2m` or `1h`.
    ///
    /// - Parameters:
    ///   - key: Lower-case words and dots.
    ///   - range: What is allowed.
    ///   - standard: Value where no source gives one.
    ///   - meaning: A few words for the help.
    /// - Returns: The duration, or the default after noting the problem.
    public mutating func duration(
        _ key: String,
        in range: ClosedRange<Duration>,
        default standard: Duration,
        _ meaning: String
    ) -> Duration {
        value(key, default: standard, shownAs: DurationText.text(standard), meaning) {
            text throws(BrokenRule) in
            guard let duration = DurationText.parse(text) else { throw BrokenRule(DurationText.rule) }
            guard range.contains(duration) else {
                let (low, high) = (DurationText.text(range.lowerBound), DurationText.text(range.upperBound))
                throw BrokenRule("must be from \(low) to \(high)")
            }
            return duration
        }
    }

    /// Reads a text of one line.
    ///
    /// - Parameters:
    ///   - key: Lower-case words and dots.
    ///   - standard: Value where no source gives one.
    ///   - secrecy: `secret` keeps the text out of every message.
    ///   - meaning: A few words for the help.
    /// - Returns: The text, not empty and free of control characters, or the default after noting the problem.
    public mutating func text(
        _ key: String,
        default standard: String,
        secrecy: Secrecy = .open,
        _ meaning: String
    ) -> String {
        value(key, default: standard, shownAs: standard, secrecy: secrecy, meaning) {
            text throws(BrokenRule) in
            guard LogText.escaped(text) == text else { throw BrokenRule("must be one line of visible text") }
            return text
        }
    }

    /// Reads one word of a closed list.
    ///
    /// - Parameters:
    ///   - key: Lower-case words and dots.
    ///   - standard: Value where no source gives one.
    ///   - shownAs: The default as the help shows it; nil shows the word.
    ///   - meaning: A few words for the help; the words allowed are added.
    /// - Returns: The choice, or the default after noting the problem.
    public mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        default standard: Choice,
        shownAs: String? = nil,
        _ meaning: String
    ) -> Choice {
        let words = Choice.allCases.map(\.rawValue)
        return value(
            key,
            default: standard,
            shownAs: shownAs ?? standard.rawValue,
            "\(meaning): \(words.joined(separator: ", "))"
        ) { text throws(BrokenRule) in
            guard let choice = Choice(rawValue: text) else {
                throw BrokenRule("must be one of \(words.joined(separator: ", "))")
            }
            return choice
        }
    }
}
