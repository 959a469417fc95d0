import Database
import EventLog
import OrderEvents

/// The order service's tables.
///
/// Identifiers are UUIDv7 given out under the write lock, so the primary key's order is the order of arrival and
/// every insert goes to the end of its tree. The outbox names exactly the orders whose event the broker has not
/// confirmed, and therefore stays small.
enum OrderSchema {
    static let migrations =
        [orders] + EventLogSchema.migrations + [OrderBackfill.migration] + JourneySchema.migrations
        + LeaseSchema.migrations

    private static let orders =
        Migration(
            "orders-1",
            sql: """
                CREATE TABLE orders (
                    id TEXT PRIMARY KEY,
                    user_id BIGINT NOT NULL,
                    product_id BIGINT NOT NULL,
                    quantity BIGINT NOT NULL,
                    price_minor BIGINT NOT NULL,
                    total_minor BIGINT NOT NULL,
                    currency TEXT NOT NULL,
                    accepted_ms BIGINT NOT NULL,
                    email TEXT,
                    phone TEXT,
                    event_id TEXT NOT NULL,
                    traceparent TEXT
                ) WITHOUT ROWID;
                CREATE TABLE outbox (
                    order_id TEXT PRIMARY KEY
                ) WITHOUT ROWID;
                CREATE TABLE idempotency_keys (
                    key TEXT PRIMARY KEY,
                    order_id TEXT NOT NULL
                ) WITHOUT ROWID;
                """
        )

    static let insertOrder = """
        INSERT INTO orders (id, user_id, product_id, quantity, price_minor, total_minor, currency, accepted_ms,
            email, phone, event_id, traceparent)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """
    static let insertOutbox = "INSERT INTO outbox (order_id) VALUES ($1)"
    static let deleteOutbox = "DELETE FROM outbox WHERE order_id = $1"
    static let insertKey = "INSERT INTO idempotency_keys (key, order_id) VALUES ($1, $2)"

    private static let columns = """
        orders.id, user_id, product_id, quantity, price_minor, total_minor, currency, accepted_ms, email, phone,
        event_id, traceparent
        """
    static let orderOfKey = """
        SELECT \(columns) FROM idempotency_keys JOIN orders ON orders.id = idempotency_keys.order_id WHERE key = $1
        """
    static let orderOfID = """
        SELECT \(columns), outbox.order_id AS unpublished
        FROM orders LEFT JOIN outbox ON outbox.order_id = orders.id WHERE orders.id = $1
        """
    static let newest = """
        SELECT \(columns), outbox.order_id AS unpublished
        FROM orders LEFT JOIN outbox ON outbox.order_id = orders.id
        WHERE orders.id < $1 ORDER BY orders.id DESC LIMIT $2
        """
    static let unpublished = """
        SELECT \(columns) FROM outbox JOIN orders ON orders.id = outbox.order_id
        WHERE outbox.order_id > $1 ORDER BY outbox.order_id LIMIT $2
        """
    static let backlog = "SELECT COUNT(*) AS count FROM outbox"
    static let newestID = "SELECT id FROM orders ORDER BY id DESC LIMIT 1"
}

extension Order {
    init(row: Row) throws(DatabaseError) {
        let acceptedAt = Timestamp(milliseconds: try row.integer("accepted_ms"))
        self.init(
            facts: OrderCreated(
                id: try row.text("id"),
                userID: try row.integer("user_id"),
                productID: try row.integer("product_id"),
                quantity: Int(try row.integer("quantity")),
                price: Money(minorUnits: try row.integer("price_minor")),
                total: Money(minorUnits: try row.integer("total_minor")),
                currency: try row.text("currency"),
                createdAt: acceptedAt.text,
                email: try row.textIfPresent("email"),
                phone: try row.textIfPresent("phone")
            ),
            eventID: try row.text("event_id"),
            acceptedAt: acceptedAt,
            traceParent: try row.textIfPresent("traceparent")
        )
    }

    /// The values of `OrderSchema.insertOrder`, in its order.
    var values: [SQLValue] {
        [
            .text(id), .integer(facts.userID), .integer(facts.productID), .integer(Int64(facts.quantity)),
            .integer(facts.price.minorUnits), .integer(facts.total.minorUnits), .text(facts.currency),
            .integer(acceptedAt.milliseconds), .text(ifPresent: facts.email), .text(ifPresent: facts.phone),
            .text(eventID), .text(ifPresent: traceParent),
        ]
    }
}
