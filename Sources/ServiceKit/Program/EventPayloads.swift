public import OrderEvents
public import WorkQueue

extension OrderCreated: EventPayload {
    /// What the queue's messages of this kind are marked with: `order.created`.
    public static var eventType: String { type }

    /// Reads what ``json()`` writes.
    public init?(compact body: [UInt8]) {
        var json = CompactJSON(body)
        guard json.skip("{\"id\":"), let id = json.string(),
            json.skip(",\"user_id\":"), let userID = json.integer(),
            json.skip(",\"product_id\":"), let productID = json.integer(),
            json.skip(",\"quantity\":"), let quantity = json.integer(),
            json.skip(",\"price\":"), let price = json.money(),
            json.skip(",\"total\":"), let total = json.money(),
            json.skip(",\"currency\":"), let currency = json.string(),
            json.skip(",\"created_at\":"), let createdAt = json.string()
        else { return nil }
        self.init(
            id: id,
            userID: userID,
            productID: productID,
            quantity: Int(quantity),
            price: price,
            total: total,
            currency: currency,
            createdAt: createdAt
        )
        if json.skip(",\"email\":") {
            guard let email = json.string() else { return nil }
            self.email = email
        }
        if json.skip(",\"phone\":") {
            guard let phone = json.string() else { return nil }
            self.phone = phone
        }
        guard json.skip("}"), json.isAtEnd else { return nil }
    }
}

extension CompactJSON {
    fileprivate mutating func money() -> Money? {
        decimal().flatMap { try? Money.parse($0) }
    }
}

extension InventoryRejected: EventPayload {
    /// What the queue's messages of this kind are marked with: `inventory.rejected`.
    public static var eventType: String { type }
}
