import OrderEvents
import WorkQueue

/// What customers are told of; names the templates.
enum MessageKind: String, CaseIterable, Sendable {
    /// The order was accepted.
    case orderCreated = "order-created"
    /// The order cannot be fulfilled.
    case inventoryRejected = "inventory-rejected"
}

/// An event that a customer is told of.
protocol CustomerEvent: EventPayload {
    /// Names the templates.
    static var kind: MessageKind { get }
    /// The order it is about.
    var orderID: String { get }
    /// Whose order it is.
    var userID: Int64 { get }
    /// As the order gives it; goes before the customer directory.
    var email: String? { get }
    /// As the order gives it; goes before the customer directory.
    var phone: String? { get }
    /// Of the whole order.
    var total: Money { get }
    /// Three capital letters, or the event is refused.
    var currency: String { get }
    /// What templates may name, beside what every message has.
    var ownValues: [String: String] { get }
}

extension CustomerEvent {
    /// What templates may name.
    var templateValues: [String: String] {
        let shared = [
            "user_id": "\(userID)", "order_id": orderID, "total": total.text(in: currency),
            "currency": currency,
        ]
        return shared.merging(ownValues) { $1 }
    }
}

extension OrderCreated: CustomerEvent {
    static var kind: MessageKind { .orderCreated }
    var orderID: String { id }
    var ownValues: [String: String] {
        [
            "product_id": "\(productID)", "quantity": "\(quantity)", "price": price.text(in: currency),
            "created_at": createdAt,
        ]
    }
}

extension InventoryRejected: CustomerEvent {
    static var kind: MessageKind { .inventoryRejected }
    var ownValues: [String: String] {
        [
            "product_id": "\(productID)", "product_name": productName, "quantity": "\(quantity)",
            "remaining": "\(remaining)", "rejected_at": rejectedAt,
        ]
    }
}

extension Money {
    /// `$1999.98` for US dollars, `EUR 12.00` for everything else.
    func text(in currency: String) -> String {
        currency == "USD" ? "$\(decimalText)" : "\(currency) \(decimalText)"
    }
}
