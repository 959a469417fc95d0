import Database
import OrderEvents

/// How many of each product are left, and which events have been applied.
///
/// The stock is always read from the table: other instances sell from it, and operators add to it, at any time.
struct StockStore: Sendable {
    /// What an order did to the stock.
    enum Outcome: Equatable, Sendable {
        /// Taken; `remaining` are left.
        case sold(name: String, remaining: Int64)
        /// Fewer than ordered are there, and nothing was taken. It stays refused however often it comes.
        ///
        /// The others are to be told; the same refusal comes again until ``markPublished(refusalOf:)``.
        case rejected(Rejection)
        /// This event was applied before, and nothing is left to do.
        case duplicate(Earlier)
        /// No such product; nothing was recorded, so the same event may succeed once the product exists.
        case unknownProduct
    }

    /// What an event did when it came first.
    struct Earlier: Equatable, Sendable {
        var wasSold: Bool
        /// How many were ordered.
        var quantity: Int64
        /// How many were left then.
        var remaining: Int64
    }

    /// How many products a catalogue brought.
    struct Loaded: Equatable, Sendable {
        /// Not in the table before.
        var added: Int
        /// There already; neither name nor stock was touched.
        var known: Int
    }

    let database: Database

    /// Adds the products that the table does not have yet, all or none.
    ///
    /// Idempotent, also among instances that start at once: each product is added by exactly one of them.
    func load(_ catalog: Catalog) async throws -> Loaded {
        try await database.write { transaction in
            var added = 0
            for product in catalog.products {
                let isNew = try transaction.execute(
                    """
                    INSERT INTO stock (product_id, name, stock) VALUES ($1, $2, $3)
                    ON CONFLICT (product_id) DO NOTHING
                    """,
                    [.integer(product.id), .text(product.name), .integer(product.stock)]
                )
                guard isNew == 1 else { continue }
                added += 1
                try transaction.execute(
                    "INSERT INTO deliveries (product_id, quantity, delivered_at) VALUES ($1, $2, $3)",
                    [.integer(product.id), .integer(product.stock), .text(Timestamp.now.text)]
                )
            }
            return Loaded(added: added, known: catalog.products.count - added)
        }
    }

    /// Applies one order at most once: stock and event id change in the same transaction, on disk on return.
    ///
    /// - Throws: `DatabaseError`; nothing happened, except that with `outcomeUnknown` all of it may have.
    func apply(_ order: OrderCreated, eventID: String) async throws -> Outcome {
        do {
            return try await database.write { transaction in
                try Self.apply(order, eventID: eventID, in: transaction)
            }
        } catch is AlreadyHandled {
            // Another transaction applied it meanwhile: now it is found.
            return try await database.read { transaction in
                guard let earlier = try Self.earlier(eventID, in: transaction) else { throw AlreadyHandled() }
                return .duplicate(earlier)
            }
        }
    }

    /// The whole stock, by product.
    func stock() async throws -> [Product] {
        try await database.read { transaction in
            try transaction.query("SELECT product_id, name, stock FROM stock ORDER BY product_id")
                .map { row in
                    try Product(
                        id: row.integer("product_id"),
                        name: row.text("name"),
                        stock: row.integer("stock")
                    )
                }
        }
    }

    private static func earlier(_ eventID: String, in transaction: Transaction) throws -> Earlier? {
        try transaction.queryOne(
            "SELECT outcome, quantity, remaining FROM handled_events WHERE event_id = $1",
            [.text(eventID)]
        )
        .map { row in
            try Earlier(
                wasSold: row.text("outcome") == "sold",
                quantity: row.integer("quantity"),
                remaining: row.integer("remaining")
            )
        }
    }

    /// Undoes the body's own changes: another transaction applied the event meanwhile.
    private struct AlreadyHandled: Error {}

    private static func apply(
        _ order: OrderCreated,
        eventID: String,
        in transaction: Transaction
    ) throws -> Outcome {
        if let earlier = try earlier(eventID, in: transaction) {
            return try Rejection.due(for: eventID, in: transaction).map { .rejected($0) }
                ?? .duplicate(earlier)
        }
        // One statement decides and takes, so that two engines' notions of isolation give the same answer.
        let taken = try transaction.queryOne(
            """
            UPDATE stock SET stock = stock - $2 WHERE product_id = $1 AND stock >= $2
            RETURNING name, stock
            """,
            [.integer(order.productID), .integer(Int64(order.quantity))]
        )
        let current = "SELECT name, stock FROM stock WHERE product_id = $1"
        guard let row = try taken ?? transaction.queryOne(current, [.integer(order.productID)]) else {
            return .unknownProduct
        }
        let (name, remaining) = try (row.text("name"), row.integer("stock"))
        let recorded = try transaction.execute(
            """
            INSERT INTO handled_events
                (event_id, order_id, product_id, quantity, outcome, remaining, handled_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (event_id) DO NOTHING
            """,
            [
                .text(eventID), .text(order.id), .integer(order.productID), .integer(Int64(order.quantity)),
                taken == nil ? "rejected" : "sold", .integer(remaining), .text(Timestamp.now.text),
            ]
        )
        guard recorded == 1 else { throw AlreadyHandled() }
        guard taken == nil else { return .sold(name: name, remaining: remaining) }
        let rejection = Rejection(of: eventID, productName: name, remaining: remaining)
        try rejection.insert(for: eventID, in: transaction)
        return .rejected(rejection)
    }
}
