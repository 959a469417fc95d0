import Database
import EventLog
import OrderEvents
import ServiceKit

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

    /// Takes a new order and the newest one of the table before it.
    typealias Announcing = @Sendable (_ order: Order, _ predecessor: String?) -> Void

    /// Longest wait for an order to be on disk; a lock of another process is waited for much shorter, a disk that
    /// stands still would be waited for without end.
    static let patience = Duration.seconds(10)

    private let database: Database
    private let patience: Duration
    /// Whether orders can be kept.
    let standing = WriteStanding()
    /// Events waiting for the broker.
    let backlog: OutboxBacklog
    /// Where a new order is announced, in the order of commits.
    private let accepted: Announcing

    /// Takes up an open database.
    ///
    /// - Parameters:
    ///   - database: Opened with ``OrderSchema/migrations``.
    ///   - outboxLimit: Most events that may wait for the broker.
    ///   - patience: Longest wait for an order to be on disk, or to be read.
    ///   - accepted: Called once for each new order of this process, right after its commit, in the order of the
    ///     commits, on the writer's thread.
    /// - Throws: `DatabaseError`; nothing was changed.
    init(
        _ database: Database,
        outboxLimit: Int,
        patience: Duration = patience,
        accepted: @escaping Announcing = { _, _ in }
    ) async throws {
        self.database = database
        self.patience = patience
        self.accepted = accepted
        let waiting = try await database.read { transaction in
            try transaction.queryOne(OrderSchema.backlog)?.integer("count") ?? 0
        }
        backlog = OutboxBacklog(limit: outboxLimit, waiting: Int(waiting))
    }

    /// Accepts an order, unless its key says that it was accepted before.
    ///
    /// - Returns: The placement; with `accepted` and `replayed` the order is durable.
    /// - Throws: `DatabaseError`; nothing was written, unless its kind is `outcomeUnknown`, as also after the patience is
    ///   over.
    func place(
        _ draft: OrderDraft,
        key: IdempotencyKey?,
        traceParent: TraceParent?
    ) async throws -> Placement {
        do {
            let placement = try await keep(draft, key: key, traceParent: traceParent)
            if case .accepted = placement { standing.noteOrder(nil) }
            return placement
        } catch let error as DatabaseError {
            standing.noteOrder(error)
            throw error
        }
    }

    private func keep(
        _ draft: OrderDraft,
        key: IdempotencyKey?,
        traceParent: TraceParent?
    ) async throws -> Placement {
        guard backlog.reserve() else {
            // A repeat needs no place in the outbox.
            guard let key else { return .outboxFull }
            let earlier = try await database.read(within: patience) {
                try Self.earlier(draft, key: key, in: $0)
            }
            return earlier ?? .outboxFull
        }
        return try await database.write(within: patience) { [accepted, backlog] transaction in
            try Self.place(draft, key: key, traceParent: traceParent, in: transaction) {
                backlog.kept()
                accepted($0, $1)
            }
        } ended: { [backlog] result in
            // Not when patience is over: the order may be kept still.
            if case .success(.accepted) = result { return }
            backlog.release()
        }
    }

    private static func place(
        _ draft: OrderDraft,
        key: IdempotencyKey?,
        traceParent: TraceParent?,
        in transaction: Transaction,
        _ accepted: @escaping Announcing
    ) throws -> Placement {
        if let key, let earlier = try earlier(draft, key: key, in: transaction) { return earlier }
        // Identifiers are given out here, under the database's write lock and after every one in the table, so that
        // their order is the order of commits, of several processes too: the relay and paging build on that.
        let newest = try transaction.queryOne(OrderSchema.newestID)?.text("id")
        let order = Order(accepting: draft, after: newest, traceParent: traceParent)
        try transaction.execute(OrderSchema.insertOrder, order.values)
        try transaction.execute(OrderSchema.insertOutbox, [.text(order.id)])
        try EventLog.append(LoggedEvent(telling: order), in: transaction)
        if let key { try transaction.execute(OrderSchema.insertKey, [.text(key.text), .text(order.id)]) }
        transaction.afterCommit { accepted(order, newest) }
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
        try await database.read(within: patience) { transaction in
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
        let listed = try await database.read(within: patience) { transaction in
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
        try await database.write { [backlog] transaction in
            // Row by row: the prepared statement is one and the same for a batch of any size.
            let removed = try ids.reduce(0) {
                try $0 + transaction.execute(OrderSchema.deleteOutbox, [.text($1)])
            }
            transaction.afterCommit { backlog.removed(removed) }
        }
    }
}
