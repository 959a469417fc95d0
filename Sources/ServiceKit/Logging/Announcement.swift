public import Logging

/// Something that a person in front of a terminal should see happen.
///
/// The pretty log prints ``title`` and ``lines`` as they are, without time or level; the JSON log writes one
/// object with ``message`` and ``fields``. Control characters are escaped in both.
public struct Announcement: Sendable, CustomStringConvertible {
    /// Fixed sentence for machines; equal for every announcement of its kind.
    public let message: String
    /// First line for people, for example `📦 INVENTORY: Updated product 1`.
    public var title: String { makeTitle() }
    /// Further lines; the pretty log indents them by three blanks.
    public var lines: [String] { makeLines() }
    /// The same facts for machines; numbers as `.stringConvertible` stay numbers in JSON.
    public let fields: Logger.Metadata

    private let makeTitle: @Sendable () -> String
    private let makeLines: @Sendable () -> [String]

    /// Creates an announcement.
    ///
    /// What is for people is written when a log asks for it: the JSON log never does.
    /// - Parameters:
    ///   - message: Fixed sentence for machines; nil takes the title.
    ///   - title: First line for people.
    ///   - lines: Further lines, not indented.
    ///   - fields: The facts for machines.
    public init(
        _ message: String? = nil,
        title: @autoclosure @escaping @Sendable () -> String,
        lines: @autoclosure @escaping @Sendable () -> [String] = [],
        fields: Logger.Metadata = [:]
    ) {
        self.message = message ?? title()
        self.fields = fields
        makeTitle = title
        makeLines = lines
    }

    /// Title and indented lines, as the pretty log shows them.
    public var description: String {
        ([LogText.escaped(title)] + lines.map { "   " + LogText.escaped($0) }).joined(separator: "\n")
    }
}

extension Logger {
    /// The metadata key under which an announcement travels to the log handler.
    static let announcementKey = "announcement"

    /// Shows an announcement, at level `info` unless told otherwise.
    ///
    /// - Parameters:
    ///   - announcement: What to show.
    ///   - level: Below the logger's level it is dropped, like any line.
    public func announce(_ announcement: Announcement, level: Logger.Level = .info) {
        log(
            level: level,
            "\(announcement.message)",
            metadata: [Self.announcementKey: .stringConvertible(announcement)]
        )
    }
}

extension Logger.MetadataValue {
    /// The announcement inside, if this is one.
    var announcement: Announcement? {
        guard case .stringConvertible(let value) = self else { return nil }
        return value as? Announcement
    }
}
