/// Every setting that cannot be used, named at once.
///
/// Caused by whoever starts the program; starting it again unchanged fails again.
/// Values of secret settings never appear in it.
public struct SettingsError: ExplainedError, Equatable {
    /// `key: rule it broke`, in the order in which the settings were read; indented lines after it point into the text.
    public let problems: [String]
    /// `usage` where only the command line's own form is wrong, else `settings`.
    public let exitCode: ExitCode

    /// Collects problems into one error.
    ///
    /// - Parameters:
    ///   - problems: At least one line, each free of secrets.
    ///   - exitCode: `usage` or `settings`.
    public init(problems: [String], exitCode: ExitCode = .settings) {
        self.problems = problems
        self.exitCode = exitCode
    }

    /// All problems, ready for standard error.
    public var explanation: String {
        let count = problems.count == 1 ? "1 setting" : "\(problems.count) settings"
        let headline = exitCode == .usage ? "The command line cannot be used:" : "\(count) cannot be used:"
        return ([headline] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}

/// The rule that the text of a setting broke.
public struct BrokenRule: Error, Equatable {
    /// For example `must be a whole number from 1 to 65535`; never holds the offending text.
    public let rule: String
    /// False where the rule already says enough and the offending text would only be noise.
    let showsText: Bool
    /// Lines that show where in the text the trouble is; they follow the message.
    let illustration: [String]

    /// States a rule.
    ///
    /// - Parameters:
    ///   - rule: Starts with a verb, free of the offending text, which may be secret.
    ///   - showsText: Whether the message may go on with the offending text; never done for secrets.
    ///   - illustration: Lines that show where in the text the trouble is; never for secrets.
    public init(_ rule: String, showsText: Bool = true, illustration: [String] = []) {
        self.rule = rule
        self.showsText = showsText
        self.illustration = illustration
    }
}
