import FoundationEssentials
public import Logging

/// Writes lines for people: `03:04:05.678Z INFO  Stock loaded  products=12`; announcements as the boxes they are.
///
/// The time is UTC, as in the JSON log. Colours only where asked for, so that files and pipes stay plain.
/// Any task; see ``LogOutput`` about blocking.
public struct PrettyLogHandler: LogHandler {
    /// Whether levels are coloured.
    public enum Style: Sendable {
        /// Text only.
        case plain
        /// ANSI colours, for a terminal.
        case coloured
    }

    /// Lines below it are not built.
    public var logLevel: Logger.Level
    /// Goes with every line of the logger.
    public var metadata: Logger.Metadata = [:]
    /// Adds what belongs to the current task.
    public var metadataProvider: Logger.MetadataProvider?

    private let style: Style
    private let output: LogOutput
    private let now: @Sendable () -> Date

    /// Creates a handler for one logger.
    ///
    /// - Parameters:
    ///   - level: Least level written.
    ///   - style: `coloured` for a terminal.
    ///   - output: Takes the lines.
    public init(level: Logger.Level, style: Style, output: LogOutput) {
        self.init(level: level, style: style, output: output, now: { Date() })
    }

    init(level: Logger.Level, style: Style, output: LogOutput, now: @escaping @Sendable () -> Date) {
        logLevel = level
        self.style = style
        self.output = output
        self.now = now
    }

    /// One value of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line, or one box.
    ///
    /// - Parameter event: What happened.
    public func log(event: LogEvent) {
        let fields = collectMetadata(of: event)
        if let announcement = fields[Logger.announcementKey]?.announcement {
            output.write(Array((announcement.description + "\n").utf8))
            return flush(after: event.level)
        }
        let clock = LogTime.text(now()).dropFirst(11)
        var line = "\(clock) \(levelText(event.level)) \(LogText.escaped(event.message.description))"
        for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
            line += index == 0 ? "  " : " "
            line += "\(LogText.escaped(field.key))=\(Self.quotedIfNeeded(field.value.description))"
        }
        output.write(Array((line + "\n").utf8))
        flush(after: event.level)
    }

    /// What tells of trouble should not be lost in it.
    private func flush(after level: Logger.Level) {
        if level >= .warning { output.flush() }
    }

    /// The text, in quotes where a reader could not tell where it ends.
    private static func quotedIfNeeded(_ text: String) -> String {
        let escaped = LogText.escaped(text)
        guard escaped.isEmpty || escaped.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else {
            return escaped
        }
        return "\"" + escaped.replacing("\"", with: "\\\"") + "\""
    }

    private func levelText(_ level: Logger.Level) -> String {
        let (name, colour) =
            switch level {
            case .trace: ("TRACE", 90)
            case .debug: ("DEBUG", 90)
            case .info: ("INFO ", 32)
            case .notice: ("NOTE ", 36)
            case .warning: ("WARN ", 33)
            case .error: ("ERROR", 31)
            case .critical: ("FATAL", 35)
            }
        return style == .coloured ? "\u{1B}[\(colour)m\(name)\u{1B}[0m" : name
    }
}
