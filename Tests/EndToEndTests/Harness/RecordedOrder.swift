import Database
import OrderEvents

/// An order as the order service's own table has it.
struct RecordedOrder: Hashable, Sendable {
    var facts: OrderCreated
    var eventID: String
    var acceptedAt: Timestamp
}

extension OrderSystem {
    /// Every order that the order service has.
    func recordedOrders() async throws -> [RecordedOrder] {
        let database = try database(of: "order-service")
        defer { database.close() }
        return try await database.read { transaction in
            try transaction.query(
                """
                SELECT id, user_id, product_id, quantity, price_minor, total_minor, currency, accepted_ms, event_id
                FROM orders ORDER BY id LIMIT 100000
                """
            )
            .map { row in
                let acceptedAt = Timestamp(milliseconds: try row.integer("accepted_ms"))
                return RecordedOrder(
                    facts: OrderCreated(
                        id: try row.text("id"),
                        userID: try row.integer("user_id"),
                        productID: try row.integer("product_id"),
                        quantity: Int(try row.integer("quantity")),
                        price: Money(minorUnits: try row.integer("price_minor")),
                        total: Money(minorUnits: try row.integer("total_minor")),
                        currency: try row.text("currency"),
                        createdAt: acceptedAt.text
                    ),
                    eventID: try row.text("event_id"),
                    acceptedAt: acceptedAt
                )
            }
        }
    }
}
