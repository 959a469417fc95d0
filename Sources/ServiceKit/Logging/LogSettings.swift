public import Logging

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// Lines and boxes for people.
    case pretty
    /// One JSON object a line.
    case json
}

/// Settings of the log.
public struct LogSettings: Sendable, Equatable {
    /// `log.format`: `pretty` or `json`; default `pretty` on a terminal, `json` otherwise.
    public var format: LogFormat
    /// `log.level`: `trace` … `critical`, default `info`.
    public var level: Logger.Level

    /// Creates settings by hand, for tests.
    ///
    /// - Parameters:
    ///   - format: How lines look.
    ///   - level: Least level written.
    public init(format: LogFormat, level: Logger.Level) {
        self.format = format
        self.level = level
    }

    /// Reads `log.format` and `log.level`.
    ///
    /// - Parameter checklist: Notes what is wrong.
    public init(reading checklist: inout SettingsChecklist) {
        let usual: LogFormat = SystemCalls.isTerminal(1) ? .pretty : .json
        format = checklist.choice(
            "log.format",
            default: usual,
            shownAs: "pretty on a terminal, else json",
            "look of log lines"
        )
        level = checklist.choice("log.level", default: Logger.Level.info, "least level logged")
    }

    /// Makes every logger of the process write to standard output in this way.
    ///
    /// Once a process, before the first logger is made.
    ///
    /// - Parameter isColourAllowed: False where the environment says `NO_COLOR`.
    public func bootstrap(isColourAllowed: Bool = true) {
        let style: PrettyLogHandler.Style = isColourAllowed && SystemCalls.isTerminal(1) ? .coloured : .plain
        LoggingSystem.bootstrap(
            { [self] label, provider in
                var handler = makeHandler(label: label, style: style, output: .standardOutput)
                handler.metadataProvider = provider
                return handler
            },
            metadataProvider: nil
        )
    }

    func makeHandler(label: String, style: PrettyLogHandler.Style, output: LogOutput) -> any LogHandler {
        switch format {
        case .pretty: PrettyLogHandler(level: level, style: style, output: output)
        case .json: JSONLogHandler(label: label, level: level, output: output)
        }
    }
}
