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
        var json = JSONText(reserving: 512)
        json.beginObject()
        json.member("time", LogTime.text(now()))
        json.member("level", event.level.rawValue)
        json.member("logger", label)
        json.member("message", event.message.description)
        for (name, value) in fields(of: event).sorted(by: { $0.key < $1.key }) {
            json.name(Self.ownNames.contains(name) ? "field." + name : name)
            json.metadata(value)
        }
        json.endObject()
        json.endLine()
        output.write(json.bytes)
        if event.level >= .warning { output.flush() }
    }

    /// The metadata, an announcement in it replaced by its fields.
    private func fields(of event: LogEvent) -> Logger.Metadata {
        var fields = collectMetadata(of: event)
        guard let announcement = fields[Logger.announcementKey]?.announcement else { return fields }
        if fields.count == 1 { return announcement.fields }
        fields[Logger.announcementKey] = nil
        return fields.merging(announcement.fields) { _, new in new }
    }
}

extension LogHandler {
    /// The logger's own metadata, then the task's, then the line's; the later wins.
    func collectMetadata(of event: LogEvent) -> Logger.Metadata {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        // Most lines have their own and nothing else.
        if fields.isEmpty {
            fields = event.metadata ?? [:]
        } else if let own = event.metadata {
            fields.merge(own) { _, new in new }
        }
        if let error = event.error { fields["error"] = .string("\(error)") }
        return fields
    }
}
