import Database
import OrderEvents
import WorkQueue

/// A refusal that the other services are to be told of.
///
/// Written in the transaction that refused, so that the event `inventory.rejected` is due exactly when the refusal is
/// on disk, and is the same event however often it is published.
struct Rejection: Equatable, Sendable {
    /// The id of the event `inventory.rejected`, not of the one refused.
    let id: String
    /// What the product was called.
    let productName: String
    /// How many were there.
    let remaining: Int64
    /// When.
    let at: Timestamp

    /// Refuses the order of one event.
    ///
    /// The id follows from the event's: a refusal that is found out again, as after history was replayed into an empty
    /// database, is the same event to everybody.
    init(of eventID: String, productName: String, remaining: Int64, at: Timestamp = .now) {
        id = UUIDv7(derivedFrom: eventID, for: InventoryRejected.type).description
        self.productName = productName
        self.remaining = remaining
        self.at = at
    }

    private init(row: Row) throws {
        id = try row.text("rejection_id")
        productName = try row.text("product_name")
        remaining = try row.integer("remaining")
        at = Timestamp(milliseconds: try row.integer("rejected_ms"))
    }

    /// What every service is told.
    func event(refusing order: OrderCreated, traceparent: String?) -> OutgoingEvent {
        let facts = InventoryRejected(
            order,
            productName: productName,
            remaining: remaining,
            rejectedAt: at
        )
        return OutgoingEvent(
            id: id,
            type: InventoryRejected.type,
            source: InventoryRejected.source,
            subject: order.id,
            at: at.milliseconds,
            traceparent: traceparent,
            body: facts.json()
        )
    }

    /// Notes that the event is due.
    func insert(for eventID: String, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO due_rejections (event_id, rejection_id, product_name, remaining, rejected_ms)
            VALUES ($1, $2, $3, $4, $5)
            """,
            [
                .text(eventID), .text(id), .text(productName), .integer(remaining),
                .integer(at.milliseconds),
            ]
        )
    }

    /// The refusal of an event, as long as the others were not told.
    static func due(for eventID: String, in transaction: Transaction) throws -> Rejection? {
        try transaction.queryOne(
            """
            SELECT rejection_id, product_name, remaining, rejected_ms FROM due_rejections WHERE event_id = $1
            """,
            [.text(eventID)]
        )
        .map { try Rejection(row: $0) }
    }
}

extension StockStore {
    /// Notes that the broker has the event about this refusal; doing it twice does no harm.
    func markPublished(refusalOf eventID: String) async throws {
        _ = try await database.write { transaction in
            try transaction.execute("DELETE FROM due_rejections WHERE event_id = $1", [.text(eventID)])
        }
    }
}
