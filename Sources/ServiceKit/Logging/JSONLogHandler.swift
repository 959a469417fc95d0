import FoundationEssentials
public import Logging

/// Writes one JSON object a line: `time`, `level`, `logger`, `message`, then the metadata in order of their names.
///
/// A metadata name that is one of those four is written with `field.` before it.
/// Any task; see ``LogOutput`` about blocking.
public struct JSONLogHandler: LogHandler {
    /// Lines below it are not built.
    public var logLevel: Logger.Level
    /// Goes with every line of the logger.
    public var metadata: Logger.Metadata = [:]
    /// Adds what belongs to the current task.
    public var metadataProvider: Logger.MetadataProvider?

    private static let ownNames: Set<String> = ["time", "level", "logger", "message"]
    private let label: String
    private let output: LogOutput
    private let now: @Sendable () -> Date

    /// Creates a handler for one logger.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - level: Least level written.
    ///   - output: Takes the lines.
    public init(label: String, level: Logger.Level, output: LogOutput) {
        self.init(label: label, level: level, output: output, now: { Date() })
    }

    init(label: String, level: Logger.Level, output: LogOutput, now: @escaping @Sendable () -> Date) {
        self.label = label
        logLevel = level
        self.output = output
        self.now = now
    }

    /// One value of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    ///
    /// - Parameter event: What happened.
    public func log(event: LogEvent) {
        var fields = collectMetadata(of: event)
        let announcement = fields.removeValue(forKey: Logger.announcementKey)?.announcement
        if let announcement { fields.merge(announcement.fields) { _, new in new } }
        var json = JSONText()
        json.beginObject()
        for (name, text) in [
            ("time", LogTime.text(now())), ("level", event.level.rawValue), ("logger", label),
            ("message", event.message.description),
        ] {
            json.name(name)
            json.string(text)
        }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            json.name(Self.ownNames.contains(name) ? "field." + name : name)
            json.metadata(value)
        }
        json.endObject()
        output.write(json.bytes + [UInt8(ascii: "\n")])
        if event.level >= .warning { output.flush() }
    }
}

extension LogHandler {
    /// The logger's own metadata, then the task's, then the line's; the later wins.
    func collectMetadata(of event: LogEvent) -> Logger.Metadata {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = .string("\(error)") }
        return fields
    }
}
