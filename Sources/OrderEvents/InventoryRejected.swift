import FoundationEssentials

/// An order asks for more than is there: the body of the event `inventory.rejected`.
///
/// Published by inventory. It says again how to reach the customer, so that who writes to them needs nothing else.
public struct InventoryRejected: Hashable, Sendable {
    /// The event's type on the wire: `inventory.rejected`.
    public static let type = "inventory.rejected"
    /// The CloudEvents source: `/inventory-worker`.
    public static let source = "/inventory-worker"

    /// The order's identifier; also the event's subject.
    public var orderID: String
    /// Who ordered.
    public var userID: Int64
    /// What was ordered.
    public var productID: Int64
    /// What it is called.
    public var productName: String
    /// How many were ordered.
    public var quantity: Int
    /// How many were there.
    public var remaining: Int64
    /// The price of all that was ordered.
    public var total: Money
    /// ISO 4217.
    public var currency: String
    /// When inventory said no, RFC 3339 with milliseconds in UTC.
    public var rejectedAt: String
    /// Where to write; personal, so never logged.
    public var email: String?
    /// Where to call; personal, so never logged.
    public var phone: String?

    /// Tells that an order was refused.
    ///
    /// - Parameters:
    ///   - order: The order.
    ///   - productName: What the product is called.
    ///   - remaining: How many are there.
    ///   - rejectedAt: When.
    public init(_ order: OrderCreated, productName: String, remaining: Int64, rejectedAt: Timestamp) {
        orderID = order.id
        userID = order.userID
        productID = order.productID
        self.productName = productName
        quantity = order.quantity
        self.remaining = remaining
        total = order.total
        currency = order.currency
        self.rejectedAt = rejectedAt.text
        email = order.email
        phone = order.phone
    }

    /// The event's body on the wire: compact JSON; the same event always gives the same bytes.
    public func json() -> [UInt8] {
        var writer = JSONObjectWriter(style: .compact)
        writer.add("order_id", orderID)
        writer.add("user_id", number: userID)
        writer.add("product_id", number: productID)
        writer.add("product_name", productName)
        writer.add("quantity", number: Int64(quantity))
        writer.add("remaining", number: remaining)
        writer.add("total", money: total)
        writer.add("currency", currency)
        writer.add("rejected_at", rejectedAt)
        if let email { writer.add("email", email) }
        if let phone { writer.add("phone", phone) }
        return writer.finish()
    }
}

extension InventoryRejected: Decodable {
    private enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case userID = "user_id"
        case productID = "product_id"
        case productName = "product_name"
        case quantity, remaining, total, currency
        case rejectedAt = "rejected_at"
        case email, phone
    }

    /// Reads the body of an event.
    ///
    /// - Throws: `DecodingError` naming the field; numbers are never rounded.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        orderID = try fields.decode(String.self, forKey: .orderID)
        userID = try fields.decodeInteger(forKey: .userID)
        productID = try fields.decodeInteger(forKey: .productID)
        productName = try fields.decode(String.self, forKey: .productName)
        quantity = try fields.decodeInteger(forKey: .quantity)
        remaining = try fields.decodeInteger(forKey: .remaining)
        total = try fields.decodeMoney(forKey: .total)
        currency = try fields.decode(String.self, forKey: .currency)
        rejectedAt = try fields.decode(String.self, forKey: .rejectedAt)
        email = try fields.decodeIfPresent(String.self, forKey: .email)
        phone = try fields.decodeIfPresent(String.self, forKey: .phone)
    }
}
