import ArgumentParser
import Database
import EventLog
import FoundationEssentials
import OrderEvents
import ServiceKit

/// The command `orderctl events`.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Lists and shows what was published, and replays it to one service.",
        discussion: """
            Reads the order service's own database, also while the order service runs. Of each event the log keeps the \
            attributes of CloudEvents, its version, its trace and its body; other headers are not kept, and a replayed \
            event does not have them.
            """,
        subcommands: [List.self, Show.self, Replay.self]
    )
}

/// Which events.
struct EventOptions: ParsableArguments {
    @Option(help: "Only what happened then or later: 2026-01-02T03:04:05Z, or 30m, 12h, 7d ago.")
    var since: String?
    @Option(help: "Only what happened then or before.") var until: String?
    @Option(help: "Only events of this type, for example order.created.") var type: String?
    @Option(help: "Only events about this order.") var order: String?
    @OptionGroup var location: LocationOptions

    func validate() throws {
        for (name, text) in [("since", since), ("until", until)] {
            if let text, Self.moment(text, now: .now) == nil {
                throw ValidationError(
                    "--\(name) must be a time such as 2026-01-02T03:04:05Z, or how long ago: 30m, 12h, 7d"
                )
            }
        }
    }

    /// What was asked for.
    func selection(now: Timestamp) -> EventSelection {
        EventSelection(
            since: since.flatMap { Self.moment($0, now: now) },
            until: until.flatMap { Self.moment($0, now: now) },
            type: type,
            order: order
        )
    }

    /// The conditions as they were written, in one order, so that the same ones are known again.
    var words: String {
        let pairs = [("since", since), ("until", until), ("type", type), ("order", order)]
        return pairs.compactMap { name, value in value.map { "--\(name) \($0)" } }.joined(separator: " ")
    }

    private static func moment(_ text: String, now: Timestamp) -> Timestamp? {
        if let ago = DurationText.parseWithDays(text) {
            let (seconds, attoseconds) = ago.components
            guard seconds < 253_402_300_800 else { return Timestamp(milliseconds: 0) }
            let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
            return Timestamp(milliseconds: now.milliseconds - milliseconds)
        }
        return Timestamp(rfc3339: text)
    }
}

extension LocationOptions {
    /// Runs the body with the log open; nothing is created.
    ///
    /// - Throws: ``CommandError`` where there is no log, or what the body throws.
    func withEventLog<Result: Sendable>(
        _ body: (EventLog, SystemLocation) async throws -> Result
    ) async throws -> Result {
        let location = try await locate(databaseOf: "order-service")
        if case .sqlite(let path) = location.database, !FileManager.default.fileExists(atPath: path) {
            throw CommandError.unavailable(
                "There is no database of the order service at \(path) yet; start `orderctl up`, or name one with "
                    + "--database-url."
            )
        }
        let database = try Database.open(location.database, migrations: [])
        defer { database.close() }
        do {
            return try await body(EventLog(database), location)
        } catch let error as DatabaseError where error.kind == .misuse {
            throw CommandError.unavailable(
                "\(location.database) has no event log; the order service creates it when it starts."
            )
        }
    }
}

extension EventsCommand {
    /// The command `orderctl events list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the newest events, newest last.")
        @OptionGroup var options: EventOptions
        @Option(help: "At most so many.") var limit = 50

        func validate() throws {
            guard (1...1_000_000).contains(limit) else {
                throw ValidationError("--limit must be a whole number from 1 to 1000000")
            }
        }

        func run() async throws {
            let entries = try await options.location.withEventLog { log, _ in
                Array(try await log.newest(options.selection(now: .now), limit: limit).reversed())
            }
            if options.location.json { return try Console.json(entries.map { PrintedEvent($0) }) }
            guard !entries.isEmpty else { return Console.line("No events.") }
            var table = Table("TIME", "ID", "TYPE", "VERSION", "SUBJECT", "STATE")
            for entry in entries {
                let event = entry.event
                let state = entry.isPublished ? "published" : "pending"
                table.add(event.at.text, event.id, event.type, "\(event.version)", event.subject, state)
            }
            Console.line(table.text)
        }
    }

    /// The command `orderctl events show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one event whole, with properties, headers and body."
        )
        @Argument(help: "The event's id.") var id: String
        @OptionGroup var location: LocationOptions

        func run() async throws {
            let entry = try await location.withEventLog { log, _ in try await log.event(id) }
            guard let entry else {
                throw CommandError.refused(
                    "There is no event \(id) in the log; it may be older than event.retention."
                )
            }
            let event = WholeEvent(entry)
            if location.json { try Console.json(event) } else { Console.line(event.text) }
        }
    }
}
