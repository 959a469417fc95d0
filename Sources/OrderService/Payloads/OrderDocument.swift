import OrderEvents

/// How orders look over HTTP.
///
/// Without `email` and `phone`: whoever may list orders need not learn how to reach the customers.
enum OrderDocument {
    /// The answer to `POST /orders`; the same order always gives the same bytes, so a replay is verbatim.
    static func success(_ order: Order) -> [UInt8] {
        var writer = JSONObjectWriter()
        writer.add("status", "success")
        writer.add("order", json: facts(order).finish())
        return writer.finish()
    }

    /// An order with its event.
    static func listed(_ listed: OrderStore.Listed) -> [UInt8] {
        withEvent(listed).finish()
    }

    /// An order with its event and its journey, by time.
    static func shown(_ listed: OrderStore.Listed, journey: [JourneyEntry]) -> [UInt8] {
        let sorted = journey.sorted { ($0.at, $0.number) < ($1.at, $1.number) }
        var writer = withEvent(listed)
        writer.add("journey", json: JSONArray.of(sorted.map(\.json)))
        return writer.finish()
    }

    private static func withEvent(_ listed: OrderStore.Listed) -> JSONObjectWriter {
        var event = JSONObjectWriter()
        event.add("id", listed.order.eventID)
        event.add("type", OrderCreated.type)
        event.add("state", listed.eventState.rawValue)
        var writer = facts(listed.order)
        writer.add("event", json: event.finish())
        return writer
    }

    /// The answer to `GET /orders`.
    static func page(_ page: OrderStore.Page) -> [UInt8] {
        var writer = JSONObjectWriter()
        writer.add("orders", json: JSONArray.of(page.orders.map { listed($0) }))
        if let next = page.next { writer.add("next", next) } else { writer.add("next", json: "null".utf8) }
        return writer.finish()
    }

    private static func facts(_ order: Order) -> JSONObjectWriter {
        let facts = order.facts
        var writer = JSONObjectWriter()
        writer.add("id", facts.id)
        writer.add("user_id", number: facts.userID)
        writer.add("product_id", number: facts.productID)
        writer.add("quantity", number: Int64(facts.quantity))
        writer.add("price", money: facts.price)
        writer.add("total", money: facts.total)
        writer.add("currency", facts.currency)
        writer.add("created_at", facts.createdAt)
        return writer
    }
}
