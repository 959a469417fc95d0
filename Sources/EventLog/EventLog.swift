public import Database
public import OrderEvents

/// Every event of the order system, in the order service's store.
///
/// An order's event is written in the order's own transaction, those of other services as they arrive from the broker.
/// Several processes may read it while the order service writes.
public struct EventLog: Sendable {
    /// An event, and whether the broker has it.
    public struct Entry: Hashable, Sendable {
        /// The event.
        public let event: LoggedEvent
        /// False while it waits in the outbox.
        public let isPublished: Bool
    }

    /// What a selection comes to.
    public struct Extent: Hashable, Sendable {
        /// How many events.
        public let count: Int
        /// When the oldest happened; nil where there is none.
        public let oldest: Timestamp?
        /// When the newest happened; nil where there is none.
        public let newest: Timestamp?

        /// States what a selection comes to.
        public init(count: Int, oldest: Timestamp?, newest: Timestamp?) {
            self.count = count
            self.oldest = oldest
            self.newest = newest
        }
    }

    let database: Database

    /// Takes up an open database.
    ///
    /// - Parameter database: The order service's, with ``EventLogSchema/migrations``.
    public init(_ database: Database) {
        self.database = database
    }

    /// Writes an event in a transaction under way.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - transaction: Of what happened.
    /// - Returns: False where the log has the event already; nothing was changed then.
    /// - Throws: `DatabaseError`.
    @discardableResult
    public static func append(_ event: LoggedEvent, in transaction: Transaction) throws(DatabaseError) -> Bool
    {
        let values: [SQLValue] = [
            .integer(event.at.milliseconds), .text(event.id), .text(event.type),
            .integer(Int64(event.version)), .text(event.source), .text(event.subject),
            .text(ifPresent: event.traceparent), .text(String(decoding: event.body, as: UTF8.self)),
        ]
        return try transaction.execute(EventLogSchema.append, values) > 0
    }

    /// Writes an event of another service in a transaction of its own.
    ///
    /// - Parameter event: What happened.
    /// - Returns: False where the log has an event of that id about the same subject already, at whatever time.
    /// - Throws: `DatabaseError`.
    @discardableResult
    public func append(_ event: LoggedEvent) async throws -> Bool {
        try await database.write { transaction in
            // The table's key has the time in it, and each delivery of an event without one may bring another.
            let values: [SQLValue] = [.text(event.subject), .text(event.id)]
            guard try transaction.queryOne(EventLogSchema.isLogged, values) == nil else { return false }
            return try Self.append(event, in: transaction)
        }
    }

    /// Lists the newest chosen events, newest first.
    ///
    /// - Parameters:
    ///   - selection: Which.
    ///   - limit: Most events, at least 1.
    ///   - position: Only events before it; the end where nil.
    /// - Returns: The events, and whether the broker has each.
    /// - Throws: `DatabaseError`.
    public func newest(
        _ selection: EventSelection,
        limit: Int,
        before position: EventPosition? = nil
    ) async throws -> [Entry] {
        var condition = EventCondition(selection)
        if let position { condition.before(position) }
        let order = "ORDER BY at_ms DESC, id DESC"
        return try await entries(condition, order, limit: limit)
    }

    /// Finds one event.
    ///
    /// - Parameter id: The event's own id.
    /// - Returns: Nil where the log does not have it, or no longer.
    /// - Throws: `DatabaseError`.
    public func event(_ id: String) async throws -> Entry? {
        // An id of ours tells when it was made, and the log is clustered by time.
        if let made = UUIDv7(id)?.timestamp.milliseconds {
            let minute: Int64 = 60_000
            let near = EventSelection(
                since: Timestamp(milliseconds: made - minute),
                until: Timestamp(milliseconds: made + minute)
            )
            if let entry = try await find(id, EventCondition(near)) { return entry }
        }
        return try await find(id, EventCondition(EventSelection()))
    }

    private func find(_ id: String, _ condition: EventCondition) async throws -> Entry? {
        var condition = condition
        condition.equal("id", .text(id))
        return try await entries(condition, "ORDER BY at_ms", limit: 1).first
    }

    /// Reads events for a replay, oldest first.
    ///
    /// Those in the outbox too: the broker may have one already whose confirmation is not noted yet, and a place behind
    /// it would leave it out for ever. What comes twice is absorbed by its id.
    ///
    /// - Parameters:
    ///   - selection: Which.
    ///   - position: Only events after it.
    ///   - limit: Most events, at least 1.
    /// - Returns: Fewer than the limit only at the end.
    /// - Throws: `DatabaseError`.
    func history(
        _ selection: EventSelection,
        after position: EventPosition,
        limit: Int
    ) async throws -> [LoggedEvent] {
        var condition = EventCondition(selection)
        condition.after(position)
        return try await entries(condition, "ORDER BY at_ms, id", limit: limit).map { $0.event }
    }

    /// Counts the events of a selection, as a replay would send them.
    ///
    /// - Parameters:
    ///   - selection: Which.
    ///   - position: Only events after it; the beginning where nil.
    /// - Returns: How many, from when to when.
    /// - Throws: `DatabaseError`.
    public func extent(
        of selection: EventSelection,
        after position: EventPosition? = nil
    ) async throws -> Extent {
        var condition = EventCondition(selection)
        condition.after(position ?? .start)
        let sql =
            "SELECT COUNT(*) AS count, MIN(at_ms) AS oldest, MAX(at_ms) AS newest FROM events\(condition.clause)"
        return try await database.read { [condition] transaction in
            let row = try transaction.queryOne(sql, condition.arguments)
            return Extent(
                count: Int(try row?.integer("count") ?? 0),
                oldest: try row?.integerIfPresent("oldest").map { Timestamp(milliseconds: $0) },
                newest: try row?.integerIfPresent("newest").map { Timestamp(milliseconds: $0) }
            )
        }
    }

    /// Removes some of the published events that happened before a moment, oldest first.
    ///
    /// - Parameters:
    ///   - moment: Events of this moment stay.
    ///   - limit: Most events removed in this one transaction, so that no order waits long for it.
    /// - Returns: How many were removed; fewer than the limit where no older one is left.
    /// - Throws: `DatabaseError`.
    public func prune(before moment: Timestamp, limit: Int) async throws -> Int {
        try await database.write { transaction in
            // What is left of a replay that nobody goes on with.
            try transaction.execute(EventLogSchema.pruneReplays, [.integer(moment.milliseconds)])
            return try transaction.execute(
                EventLogSchema.prune,
                [.integer(moment.milliseconds), .integer(Int64(limit))]
            )
        }
    }

    private func entries(
        _ condition: EventCondition,
        _ order: String,
        limit: Int
    ) async throws -> [Entry] {
        var condition = condition
        let count = condition.placeholder(.integer(Int64(limit)))
        let sql = """
            SELECT \(EventLogSchema.columns), \(EventLogSchema.isUnpublished) AS waits
            FROM events\(condition.clause)\(order) LIMIT \(count)
            """
        return try await database.read { [condition] transaction in
            try transaction.query(sql, condition.arguments).map { try Entry(row: $0) }
        }
    }
}

extension EventLog.Entry {
    fileprivate init(row: Row) throws(DatabaseError) {
        event = LoggedEvent(
            id: try row.text("id"),
            type: try row.text("type"),
            version: Int(try row.integer("version")),
            source: try row.text("source"),
            subject: try row.text("subject"),
            at: Timestamp(milliseconds: try row.integer("at_ms")),
            traceparent: try row.textIfPresent("traceparent"),
            body: Array(try row.text("body").utf8)
        )
        isPublished = try row.integer("waits") == 0
    }
}

extension LoggedEvent {
    /// The place right behind it.
    public var position: EventPosition { EventPosition(milliseconds: at.milliseconds, id: id) }
}
