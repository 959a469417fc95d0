import Database

/// The table in which a service notes what it did with each event.
struct ReceiptTable: Sendable {
    let service: String
    let database: Database
    private let table: String
    /// What SQL gives as `state`.
    private let state: String
    private let judge: @Sendable (String, AuditedOrder) -> Effect

    /// Inventory: sold or refused, and of what how many.
    static func inventory(_ database: Database) -> ReceiptTable {
        ReceiptTable(
            service: "inventory",
            database: database,
            table: "handled_events",
            state: "outcome || ' ' || quantity || ' of product ' || product_id"
        ) { state, order in
            let ordered = "\(order.quantity) of product \(order.product)"
            return switch state {
            case "sold \(ordered)": .done
            case "rejected \(ordered)": .refused
            default: .differs("\(state), though \(ordered) were ordered")
            }
        }
    }

    /// Notification: a claim before a message is sent, `sent` after.
    static func notification(_ database: Database) -> ReceiptTable {
        ReceiptTable(
            service: "notification",
            database: database,
            table: "notifications",
            state: "state || ' ' || strftime('%H:%M:%SZ', changed_at / 1000, 'unixepoch')"
        ) { state, _ in state.hasPrefix("sent ") ? .done : .claimed("\(state): begun and never finished") }
    }

    /// Analytics: counted.
    static func analytics(_ database: Database) -> ReceiptTable {
        ReceiptTable(service: "analytics", database: database, table: "counted_events", state: "'counted'") {
            _,
            _ in .done
        }
    }

    private init(
        service: String,
        database: Database,
        table: String,
        state: String,
        judge: @escaping @Sendable (String, AuditedOrder) -> Effect
    ) {
        self.service = service
        self.database = database
        self.table = table
        self.state = state
        self.judge = judge
    }

    /// What the service did with each of these events; absent where it did nothing.
    ///
    /// Each event comes with the order that it is about.
    func effects(_ events: [(id: String, order: AuditedOrder)]) async throws -> [String: Effect] {
        let sql = """
            SELECT event_id, \(state) AS state FROM \(table)
            WHERE event_id IN (SELECT value FROM json_each($1))
            """
        let list = OrderLedger.list(events.map(\.id))
        let states = try await database.read { transaction in
            try transaction.query(sql, [.text(list)]).map { (try $0.text("event_id"), try $0.text("state")) }
        }
        let byEvent = Dictionary(states) { first, _ in first }
        return events.reduce(into: [:]) { effects, event in
            effects[event.id] = byEvent[event.id].map { judge($0, event.order) }
        }
    }

    /// How many receipts there are for events before one.
    func count(before end: String) async throws -> Int {
        let sql = "SELECT COUNT(*) AS count FROM \(table) WHERE event_id < $1"
        return try await database.read { Int(try $0.queryOne(sql, [.text(end)])?.integer("count") ?? 0) }
    }

    /// The events that have receipts, in the order of their ids.
    func events(after id: String, before end: String, limit: Int) async throws -> [String] {
        let sql = """
            SELECT event_id FROM \(table) WHERE event_id > $1 AND event_id < $2 ORDER BY event_id LIMIT $3
            """
        return try await database.read { transaction in
            try transaction.query(sql, [.text(id), .text(end), .integer(Int64(limit))])
                .map { try $0.text("event_id") }
        }
    }
}
