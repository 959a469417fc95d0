import Database
import EventLog
import OrderEvents

/// Keeps orders, their events and the clients' keys: one transaction an order, in which its event is logged too.
struct OrderStore: Sendable {
    /// What became of a draft.
    enum Placement: Hashable, Sendable {
        /// A new order, on disk together with its event.
        case accepted(Order)
        /// The order that the same key and the same draft made before.
        case replayed(Order)
        /// The key belongs to another draft. Nothing was written.
        case keyTaken
        /// As many events wait as may. Nothing was written.
        case outboxFull
    }

    /// An order and where its event is.
    struct Listed: Hashable, Sendable {
        let order: Order
        let eventState: Order.EventState
    }

    /// Some orders, newest first.
    struct Page: Hashable, Sendable {
        let orders: [Listed]
        /// Where the next page begins, or nothing when this is the last.
        let next: String?
    }

    private let database: Database
    /// Events waiting for the broker.
    let backlog: OutboxBacklog
    /// Where a new order is announced, in the order of commits.
    private let accepted: @Sendable (Order) -> Void

    /// Takes up an open database.
    ///
    /// - Parameters:
    ///   - database: Opened with ``OrderSchema/migrations``.
    ///   - outboxLimit: Most events that may wait for the broker.
    ///   - accepted: Called once for each new order, right after its commit, in the order of the commits, on the
    ///     writer's thread.
    /// - Throws: `DatabaseError`; nothing was changed.
    init(
        _ database: Database,
        outboxLimit: Int,
        accepted: @escaping @Sendable (Order) -> Void = { _ in }
    ) async throws {
        self.database = database
        self.accepted = accepted
        let (waiting, newest) = try await database.read { transaction in
            (
                try transaction.queryOne(OrderSchema.backlog)?.integer("count") ?? 0,
                try transaction.queryOne(OrderSchema.newestID)?.text("id")
            )
        }
        backlog = OutboxBacklog(limit: outboxLimit, waiting: Int(waiting))
        // The relay and paging take the order of identifiers for the order of arrival.
        if let newest = newest.flatMap({ UUIDv7($0) }) { UUIDv7.advance(past: newest) }
    }

    /// Accepts an order, unless its key says that it was accepted before.
    ///
    /// - Returns: The placement; with `accepted` and `replayed` the order is durable.
    /// - Throws: `DatabaseError`; nothing was written, unless its kind is `outcomeUnknown`.
    func place(
        _ draft: OrderDraft,
        key: IdempotencyKey?,
        traceParent: TraceParent?
    ) async throws -> Placement {
        guard backlog.reserve() else {
            // A repeat needs no place in the outbox.
            guard let key else { return .outboxFull }
            let earlier = try await database.read { try Self.earlier(draft, key: key, in: $0) }
            return earlier ?? .outboxFull
        }
        do {
            let placement = try await database.write { [accepted] transaction in
                try Self.place(draft, key: key, traceParent: traceParent, in: transaction, accepted)
            }
            if case .accepted = placement { return placement }
            backlog.release()
            return placement
        } catch {
            backlog.release()
            throw error
        }
    }

    private static func place(
        _ draft: OrderDraft,
        key: IdempotencyKey?,
        traceParent: TraceParent?,
        in transaction: Transaction,
        _ accepted: @escaping @Sendable (Order) -> Void
    ) throws -> Placement {
        if let key, let earlier = try earlier(draft, key: key, in: transaction) { return earlier }
        // Identifiers are given out here, on the writer's thread, so that their order is the order of commits.
        let order = Order(accepting: draft, traceParent: traceParent)
        try transaction.execute(OrderSchema.insertOrder, order.values)
        try transaction.execute(OrderSchema.insertOutbox, [.text(order.id)])
        try EventLog.append(LoggedEvent(telling: order), in: transaction)
        if let key { try transaction.execute(OrderSchema.insertKey, [.text(key.text), .text(order.id)]) }
        transaction.afterCommit { accepted(order) }
        return .accepted(order)
    }

    private static func earlier(
        _ draft: OrderDraft,
        key: IdempotencyKey,
        in transaction: Transaction
    ) throws -> Placement? {
        guard let row = try transaction.queryOne(OrderSchema.orderOfKey, [.text(key.text)]) else {
            return nil
        }
        let order = try Order(row: row)
        return order.draft == draft ? .replayed(order) : .keyTaken
    }

    /// Finds one order.
    func order(_ id: UUIDv7) async throws -> Listed? {
        try await database.read { transaction in
            try transaction.queryOne(OrderSchema.orderOfID, [.text(id.description)]).map(Self.listed)
        }
    }

    /// Lists orders, newest first.
    /// - Parameters:
    ///   - limit: Most orders on the page, at least 1.
    ///   - after: Only orders older than this one, which need not exist.
    /// - Returns: The page, perhaps empty.
    /// - Throws: `DatabaseError`.
    func page(limit: Int, after: UUIDv7?) async throws -> Page {
        // One more than asked for tells whether there is another page. "z" sorts after every identifier.
        let arguments: [SQLValue] = [.text(after?.description ?? "z"), .integer(Int64(limit) + 1)]
        let listed = try await database.read { transaction in
            try transaction.query(OrderSchema.newest, arguments).map(Self.listed)
        }
        let orders = Array(listed.prefix(limit))
        return Page(orders: orders, next: listed.count > limit ? orders.last?.order.id : nil)
    }

    private static func listed(_ row: Row) throws -> Listed {
        Listed(
            order: try Order(row: row),
            eventState: try row.textIfPresent("unpublished") == nil ? .published : .pending
        )
    }

    /// Proves that the database takes writes: gets its write lock and gives it back.
    func checkWritable() async throws {
        try await database.write { _ in }
    }
}

extension OrderStore: OutboxStore {
    func unpublished(after id: String?, limit: Int) async throws -> [Order] {
        try await database.read { transaction in
            try transaction.query(OrderSchema.unpublished, [.text(id ?? ""), .integer(Int64(limit))])
                .map { try Order(row: $0) }
        }
    }

    func markPublished(_ ids: [String]) async throws {
        let removed = try await database.write { transaction in
            // Row by row: the prepared statement is one and the same for a batch of any size.
            try ids.reduce(0) { try $0 + transaction.execute(OrderSchema.deleteOutbox, [.text($1)]) }
        }
        backlog.release(removed)
    }
}
