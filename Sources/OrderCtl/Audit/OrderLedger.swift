import Database
import FoundationEssentials
import OrderEvents

/// Reads orders, with what became of their events, out of the order service's store.
struct OrderLedger: Sendable {
    /// The last that a service told about an event, in the order's journey.
    struct LastWord: Equatable, Sendable {
        var state: String
        /// When the next attempt is due after the one that failed, in milliseconds.
        var delay: Int64?
        var detail: String?
    }

    let database: Database

    private static let columns = """
        orders.id, orders.event_id, product_id, quantity, total_minor, currency, accepted_ms,
        outbox.order_id IS NOT NULL AS pending,
        EXISTS (SELECT 1 FROM events WHERE subject = orders.id AND events.id = orders.event_id) AS logged
        """
    private static let tables = "orders LEFT JOIN outbox ON outbox.order_id = orders.id"
    /// Published events are pruned by age, so what is older than the oldest may have been logged.
    private static let oldest = """
        SELECT at_ms FROM events
        WHERE NOT (type = 'order.created' AND EXISTS (SELECT 1 FROM outbox WHERE order_id = subject))
        ORDER BY at_ms LIMIT 1
        """

    /// The orders after one, in the order of ids.
    func page(after id: String, before end: String, limit: Int) async throws -> [AuditedOrder] {
        let sql = """
            SELECT \(Self.columns) FROM \(Self.tables)
            WHERE orders.id > $1 AND orders.id < $2 ORDER BY orders.id LIMIT $3
            """
        return try await orders(sql, [.text(id), .text(end), .integer(Int64(limit))])
    }

    /// The orders of these ids, in the order of ids.
    func named(_ ids: [String]) async throws -> [AuditedOrder] {
        let sql = """
            SELECT \(Self.columns) FROM \(Self.tables)
            WHERE orders.id IN (SELECT value FROM json_each($1)) ORDER BY orders.id
            """
        return try await orders(sql, [.text(Self.list(ids))])
    }

    private func orders(_ sql: String, _ arguments: [SQLValue]) async throws -> [AuditedOrder] {
        try await database.read { transaction in
            let oldest = try transaction.queryOne(Self.oldest)?.integer("at_ms") ?? .max
            return try transaction.query(sql, arguments)
                .map { row in
                    let acceptedAt = try row.integer("accepted_ms")
                    return AuditedOrder(
                        id: try row.text("id"),
                        eventID: try row.text("event_id"),
                        product: try row.integer("product_id"),
                        quantity: try row.integer("quantity"),
                        revenue: try row.integer("total_minor"),
                        currency: try row.text("currency"),
                        acceptedAt: acceptedAt,
                        isPending: try row.integer("pending") != 0,
                        isLogged: try row.integer("logged") != 0 || acceptedAt <= oldest
                    )
                }
        }
    }

    /// The last word of a service about each of these orders' events, by event.
    func lastWords(of service: String, about orders: [String]) async throws -> [String: LastWord] {
        let sql = """
            SELECT event_id, state, at_ms, next_ms, detail FROM journey
            WHERE order_id IN (SELECT value FROM json_each($1)) AND service = $2 ORDER BY order_id, number
            """
        return try await database.read { transaction in
            var words: [String: LastWord] = [:]
            for row in try transaction.query(sql, [.text(Self.list(orders)), .text(service)]) {
                let at = try row.integer("at_ms")
                words[try row.text("event_id")] = LastWord(
                    state: try row.text("state"),
                    delay: try row.integerIfPresent("next_ms").map { $0 - at },
                    detail: try row.textIfPresent("detail")
                )
            }
            return words
        }
    }

    /// How many events wait to be published.
    func backlog() async throws -> Int {
        try await database.read {
            Int(try $0.queryOne("SELECT COUNT(*) AS count FROM outbox")?.integer("count") ?? 0)
        }
    }

    /// Every event of an order, 16 bytes each, sorted; what has no id of ours is left out.
    func eventIDs() async throws -> [UUIDv7] {
        var after = ""
        var events: [UUIDv7] = []
        while true {
            let page = try await page(after: after, before: "~", limit: 5_000)
            guard let last = page.last else { return events.sorted() }
            events += page.compactMap { UUIDv7($0.eventID) }
            after = last.id
        }
    }

    /// Texts as one argument, for `json_each`.
    static func list(_ texts: [String]) -> String {
        String(decoding: (try? JSONEncoder().encode(texts)) ?? Data("[]".utf8), as: UTF8.self)
    }
}
