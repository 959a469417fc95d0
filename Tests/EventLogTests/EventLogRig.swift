import Database
import EventLog
import OrderEvents
import TestSupport

/// An event log in a file of its own, with the outbox that it asks.
struct EventLogRig {
    private static let outbox = Migration(
        "orders-1",
        sql: "CREATE TABLE outbox (order_id TEXT PRIMARY KEY) WITHOUT ROWID"
    )

    let directory: TemporaryDirectory
    let database: Database
    let log: EventLog

    init() throws {
        directory = try TemporaryDirectory("event-log")
        database = try Database.open(
            .sqlite(path: "\(directory.path)/orders.db"),
            migrations: [Self.outbox] + EventLogSchema.migrations
        )
        log = EventLog(database)
    }

    /// Events of moments 1, 2, 3, … in milliseconds, with ids that sort alike.
    @discardableResult
    func fill(_ moments: ClosedRange<Int>, type: String = OrderCreated.type) async throws -> [LoggedEvent] {
        let events = moments.map { Self.event($0, type: type) }
        try await database.write { transaction in
            for event in events { try EventLog.append(event, in: transaction) }
        }
        return events
    }

    static func event(_ moment: Int, type: String = OrderCreated.type) -> LoggedEvent {
        LoggedEvent(
            id: "event-\(String(repeating: "0", count: max(0, 6 - "\(moment)".count)))\(moment)",
            type: type,
            source: OrderEvents.source,
            subject: "order-\(moment)",
            at: Timestamp(milliseconds: Int64(moment)),
            traceparent: moment.isMultiple(of: 2) ? "00-trace" : nil,
            body: Array(#"{"number":\#(moment)}"#.utf8)
        )
    }

    /// Has the broker not know of an order's event yet.
    func hold(_ moment: Int) async throws {
        _ = try await database.write {
            try $0.execute("INSERT INTO outbox (order_id) VALUES ($1)", [.text("order-\(moment)")])
        }
    }
}
