internal import Database
public import OrderEvents

/// Chooses events of the log.
///
/// Every condition that is given must hold; none given chooses all.
public struct EventSelection: Hashable, Sendable {
    /// Happened then or later.
    public var since: Timestamp?
    /// Happened then or before.
    public var until: Timestamp?
    /// The event's type, exactly.
    public var type: String?
    /// The event's subject, exactly: the order's id.
    public var order: String?

    /// Creates a selection.
    public init(
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        type: String? = nil,
        order: String? = nil
    ) {
        self.since = since
        self.until = until
        self.type = type
        self.order = order
    }
}

/// A place in the log, between two events.
///
/// The log's order is that of the moments at which things happened, and of the ids within one millisecond.
public struct EventPosition: Hashable, Sendable {
    /// The moment of the last event before it, in milliseconds since 1970.
    let milliseconds: Int64
    /// The id of that event.
    let id: String

    /// Before everything.
    static let start = EventPosition(milliseconds: -1, id: "")
    /// After everything; "~" sorts after every id.
    static let end = EventPosition(milliseconds: .max, id: "~")
}

/// A `WHERE` with its arguments.
///
/// The texts are few, one for each set of conditions, so that prepared statements are found again.
struct EventCondition {
    private(set) var sql: [String] = []
    private(set) var arguments: [SQLValue] = []

    init(_ selection: EventSelection) {
        if let since = selection.since { add("at_ms >= ", .integer(since.milliseconds)) }
        if let until = selection.until { add("at_ms <= ", .integer(until.milliseconds)) }
        if let type = selection.type { add("type = ", .text(type)) }
        if let order = selection.order { add("subject = ", .text(order)) }
    }

    mutating func after(_ position: EventPosition) {
        compare(">", position)
    }

    mutating func before(_ position: EventPosition) {
        compare("<", position)
    }

    /// The clause, with a blank on either side, or a blank alone.
    var clause: String { sql.isEmpty ? " " : " WHERE \(sql.joined(separator: " AND ")) " }

    /// Takes one more argument, for what follows the clause, and returns its placeholder.
    mutating func placeholder(_ value: SQLValue) -> String {
        arguments.append(value)
        return "$\(arguments.count)"
    }

    private mutating func compare(_ sign: String, _ position: EventPosition) {
        let moment = placeholder(.integer(position.milliseconds))
        let id = placeholder(.text(position.id))
        sql.append("(at_ms, id) \(sign) (\(moment), \(id))")
    }

    mutating func equal(_ column: String, _ value: SQLValue) {
        add("\(column) = ", value)
    }

    private mutating func add(_ comparison: String, _ value: SQLValue) {
        let placeholder = placeholder(value)
        sql.append(comparison + placeholder)
    }
}
