import Configuration

/// Reads a program's settings and judges them together.
///
/// Asking for a key declares it: whatever was never asked for is unknown. A key that is bad is noted, its default
/// is returned, and reading goes on, so that ``finish()`` can name every problem at once.
/// Order of the sources: flag, environment, `Config/<program>.yaml`, default.
///
/// Not shared: one program reads its settings once, before anything else runs.
public struct SettingsChecklist {
    /// Whether a value may be shown.
    public enum Secrecy: Sendable {
        /// The offending text appears in messages, shortened.
        case open
        /// Only the key and the rule appear anywhere.
        case secret
    }

    /// One key, for the help text and for finding unknown ones.
    struct Declaration {
        var key: String
        var shownDefault: String
        var meaning: String
    }

    let sources: SettingsSources
    private(set) var declarations: [Declaration] = []
    private var problems: [String] = []
    /// What works and should be changed, each with its key, for the log.
    public private(set) var warnings: [String] = []

    /// Starts a checklist.
    ///
    /// - Parameter sources: What the process was given.
    public init(_ sources: SettingsSources) {
        self.sources = sources
        declare("config.directory", shownAs: "Config", "directory of \(sources.program).yaml")
    }

    /// Reads one key through a parser.
    ///
    /// - Parameters:
    ///   - key: Lower-case words and dots, `http.port`.
    ///   - standard: Value where no source gives one, and where the text given is bad.
    ///   - shownAs: The default as the help shows it; free of secrets.
    ///   - secrecy: `secret` keeps the text out of every message.
    ///   - meaning: A few words for the help.
    ///   - parse: Turns the text into a value, or throws the rule it breaks.
    /// - Returns: The value, or the default after noting the problem.
    public mutating func value<Value>(
        _ key: String,
        default standard: Value,
        shownAs: String,
        secrecy: Secrecy = .open,
        _ meaning: String,
        parse: (String) throws(BrokenRule) -> Value
    ) -> Value {
        declare(key, shownAs: shownAs, meaning)
        guard let text = sources.text(for: key) else { return standard }
        do throws(BrokenRule) {
            guard !text.isEmpty else { throw BrokenRule("must not be empty", showsText: false) }
            return try parse(text)
        } catch {
            let shown = error.showsText && secrecy == .open ? ", not \(Quoted.short(text))" : ""
            let lines = ["\(key): \(error.rule)\(shown) (\(sources.origin(of: key)))"]
            problems.append((lines + error.illustration.map { "      \($0)" }).joined(separator: "\n"))
            return standard
        }
    }

    /// Notes a problem that lies between settings, or in a file that one of them names.
    ///
    /// - Parameters:
    ///   - key: The key to change.
    ///   - rule: What it broke, free of secrets.
    public mutating func refuse(_ key: String, because rule: String) {
        problems.append("\(key): \(rule)")
    }

    /// Notes what works and should be changed all the same.
    ///
    /// - Parameters:
    ///   - key: The key to look at.
    ///   - rule: What should be otherwise, free of secrets.
    public mutating func warn(of key: String, because rule: String) {
        warnings.append("\(key) \(rule)")
    }

    /// Ends the reading.
    ///
    /// - Throws: ``SettingsError`` naming every bad value, unknown flag and unknown key of the file; exit code
    ///   `usage` where only the command line's form is at fault.
    public func finish() throws(SettingsError) {
        let usage = sources.flags.problems + unknownFlags
        let others = problems + [sources.fileProblem].compactMap { $0 } + unknownFileKeys
        guard !usage.isEmpty || !others.isEmpty else { return }
        throw SettingsError(problems: usage + others, exitCode: others.isEmpty ? .usage : .settings)
    }

    private mutating func declare(_ key: String, shownAs: String, _ meaning: String) {
        precondition(!declarations.contains { $0.key == key }, "a key is read in one place only")
        declarations.append(Declaration(key: key, shownDefault: shownAs, meaning: meaning))
    }

    private var unknownFlags: [String] {
        let known = Set(declarations.map { CommandLineFlags.spelling(of: $0.key) })
        return sources.flags.keys.filter { !known.contains($0) }
            .map { key in
                let flag = CommandLineFlags.flag(for: key)
                let meant = Suggestion.closest(to: key, among: declarations.map(\.key))
                let hint = meant.map { ", did you mean \(CommandLineFlags.flag(for: $0))?" } ?? ""
                return "\(LogText.escaped(flag.prefix(80))): is no flag of \(sources.program)\(hint)"
            }
    }

    private var unknownFileKeys: [String] {
        let known = declarations.map(\.key)
        return sources.fileKeys.filter { !known.contains($0) }
            .compactMap { key in
                let isSection = known.contains { $0.hasPrefix(key + ".") }
                // A section whose keys are all commented out.
                if isSection, ["", "~", "null"].contains(sources.text(for: key) ?? "") { return nil }
                let meant = Suggestion.closest(to: key, among: known).map { ", did you mean \($0)?" } ?? ""
                let rule =
                    isSection ? "is a section, not a value" : "is no setting of \(sources.program)\(meant)"
                return "\(LogText.escaped(key.prefix(80))): \(rule) (\(sources.file))"
            }
    }
}
