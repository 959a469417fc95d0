import FoundationEssentials

/// A customer placed an order: the body of the event `order.created`.
///
/// Decodes the wire body exactly, prices included, and tolerates fields it does not know.
public struct OrderCreated: Hashable, Sendable {
    /// The event's type on the wire: `order.created`.
    public static let type = "order.created"

    /// The order's identifier, a UUIDv7 in lower case; not the event's.
    public var id: String
    /// Who ordered; at least 1.
    public var userID: Int64
    /// What was ordered; at least 1.
    public var productID: Int64
    /// How many; 1 to 10 000.
    public var quantity: Int
    /// The price of one.
    public var price: Money
    /// The price of all: ``price`` times ``quantity``.
    public var total: Money
    /// ISO 4217, always `USD` today.
    public var currency: String
    /// When the order was accepted, RFC 3339 with milliseconds in UTC.
    public var createdAt: String
    /// Where to write, if the customer said so; personal, so never logged.
    public var email: String?
    /// Where to call, if the customer said so; personal, so never logged.
    public var phone: String?

    /// States every field of an order.
    public init(
        id: String,
        userID: Int64,
        productID: Int64,
        quantity: Int,
        price: Money,
        total: Money,
        currency: String = "USD",
        createdAt: String,
        email: String? = nil,
        phone: String? = nil
    ) {
        self.id = id
        self.userID = userID
        self.productID = productID
        self.quantity = quantity
        self.price = price
        self.total = total
        self.currency = currency
        self.createdAt = createdAt
        self.email = email
        self.phone = phone
    }
}

extension OrderCreated: Decodable {
    private enum Field: String, CodingKey {
        case id, quantity, price, total, currency, email, phone
        case userID = "user_id"
        case productID = "product_id"
        case createdAt = "created_at"
    }

    /// Reads the body of an event.
    ///
    /// - Throws: `DecodingError` naming the field; numbers are never rounded.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        id = try fields.decode(String.self, forKey: .id)
        userID = try fields.decodeInteger(forKey: .userID)
        productID = try fields.decodeInteger(forKey: .productID)
        quantity = try fields.decodeInteger(forKey: .quantity)
        price = try fields.decodeMoney(forKey: .price)
        total = try fields.decodeMoney(forKey: .total)
        currency = try fields.decode(String.self, forKey: .currency)
        createdAt = try fields.decode(String.self, forKey: .createdAt)
        email = try fields.decodeIfPresent(String.self, forKey: .email)
        phone = try fields.decodeIfPresent(String.self, forKey: .phone)
    }
}

extension KeyedDecodingContainer {
    /// Reads an integer, exactly: a decoder that goes through a `Double` takes 0.99999999999999999999 for 1.
    func decodeInteger<Integer: FixedWidthInteger & Decodable>(forKey key: Key) throws -> Integer {
        let integer = try decode(Integer.self, forKey: key)
        guard let exact = Int64(exactly: integer), try decode(Decimal.self, forKey: key) == Decimal(exact)
        else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "not an integer"
            )
        }
        return integer
    }

    /// Reads an amount of money, exactly.
    func decodeMoney(forKey key: Key) throws -> Money {
        let decimal = try decode(Decimal.self, forKey: key)
        do throws(Money.ParseError) {
            // A decimal describes itself in plain digits, never with an exponent.
            return try Money.parse(decimal.description)
        } catch {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "not an amount of money: \(error)"
            )
        }
    }
}
