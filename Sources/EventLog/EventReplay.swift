internal import Database
public import OrderEvents

/// History on its way to one service: what was chosen, and how far it is.
///
/// Kept in the log's database after each confirmed batch, so that the same replay goes on where another process ended.
public struct EventReplay: Hashable, Sendable {
    /// Whose queue.
    public let service: String
    /// What was asked for, in the asker's words; the same words mean the same replay.
    public let name: String
    /// What was chosen; its upper end was fixed when the replay began.
    public let selection: EventSelection
    /// When it began.
    public let begun: Timestamp
    /// Behind the last event that the broker has confirmed.
    public internal(set) var position: EventPosition
    /// How many events the broker has confirmed.
    public internal(set) var done: Int

    /// Begins with the oldest event.
    ///
    /// - Parameters:
    ///   - service: Whose queue.
    ///   - name: What was asked for, in the asker's words.
    ///   - selection: What to replay; without an upper end, what has happened by `begun`.
    ///   - begun: Now.
    public init(to service: String, name: String, _ selection: EventSelection, begun: Timestamp) {
        self.service = service
        self.name = name
        self.selection = EventSelection(
            since: selection.since,
            until: min(selection.until ?? begun, begun),
            type: selection.type,
            order: selection.order
        )
        self.begun = begun
        position = .start
        done = 0
    }
}

extension EventLog {
    /// The replay of that name which was begun and not finished.
    ///
    /// - Parameters:
    ///   - service: Whose queue.
    ///   - name: As it was begun.
    /// - Returns: Nil where there is none.
    /// - Throws: `DatabaseError`.
    public func unfinishedReplay(to service: String, name: String) async throws -> EventReplay? {
        try await database.read { transaction in
            try transaction.queryOne(EventLogSchema.replay, [.text(service), .text(name)])
                .map { row in
                    var replay = EventReplay(
                        to: service,
                        name: name,
                        EventSelection(
                            since: try row.integerIfPresent("since_ms").map { Timestamp(milliseconds: $0) },
                            until: Timestamp(milliseconds: try row.integer("until_ms")),
                            type: try row.textIfPresent("type"),
                            order: try row.textIfPresent("subject")
                        ),
                        begun: Timestamp(milliseconds: try row.integer("begun_ms"))
                    )
                    replay.position = EventPosition(
                        milliseconds: try row.integer("at_ms"),
                        id: try row.text("id")
                    )
                    replay.done = Int(try row.integer("done"))
                    return replay
                }
        }
    }

    /// Notes how far a replay is.
    func save(_ replay: EventReplay) async throws {
        let values: [SQLValue] = [
            .text(replay.service), .text(replay.name), .integer(replay.begun.milliseconds),
            .integer(ifPresent: replay.selection.since?.milliseconds),
            .integer((replay.selection.until ?? replay.begun).milliseconds),
            .text(ifPresent: replay.selection.type), .text(ifPresent: replay.selection.order),
            .integer(replay.position.milliseconds), .text(replay.position.id), .integer(Int64(replay.done)),
        ]
        _ = try await database.write { try $0.execute(EventLogSchema.saveReplay, values) }
    }

    /// Forgets a replay; the next of its name begins anew.
    func forget(_ replay: EventReplay) async throws {
        let values: [SQLValue] = [.text(replay.service), .text(replay.name)]
        _ = try await database.write { try $0.execute(EventLogSchema.deleteReplay, values) }
    }
}
