/// What a type of event looks like, for filters, documents and people.
public struct EventDescription: Hashable, Sendable {
    /// The type on the wire, such as `order.created`.
    public let type: String
    /// The newest version.
    public let version: Int
    /// Who publishes it, as a CloudEvents source.
    public let source: String
    /// One sentence.
    public let summary: String
    /// The fields of the body, in their order.
    public let fields: [EventField]
}

/// One field of an event's body.
public struct EventField: Hashable, Sendable {
    /// What a field holds.
    public enum Kind: Hashable, Sendable {
        /// A whole number of 64 bits.
        case integer
        /// An exact decimal number.
        case decimal
        /// Text.
        case text
        /// A moment as RFC 3339 text.
        case time
        /// A UUID as text.
        case identifier
    }

    /// The name in the JSON object.
    public let name: String
    /// What it holds.
    public let kind: Kind
    /// Whether every body has it.
    public let isRequired: Bool
    /// One sentence.
    public let summary: String

    init(_ name: String, _ kind: Kind, isRequired: Bool = true, _ summary: String) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.summary = summary
    }
}

extension OrderEvents {
    /// Every type of event that the programs of this package publish.
    public static let catalog: [EventDescription] = [.orderCreated, .inventoryRejected]
}

extension EventDescription {
    /// `order.created`.
    public static let orderCreated = EventDescription(
        type: OrderCreated.type,
        version: 1,
        source: OrderEvents.source,
        summary: "A customer placed an order.",
        fields: [
            EventField("id", .identifier, "The order's identifier, a UUIDv7."),
            EventField("user_id", .integer, "Who ordered."),
            EventField("product_id", .integer, "What was ordered."),
            EventField("quantity", .integer, "How many."),
            EventField("price", .decimal, "The price of one."),
            EventField("total", .decimal, "The price of all."),
            EventField("currency", .text, "ISO 4217."),
            EventField("created_at", .time, "When the order was accepted."),
            EventField("email", .text, isRequired: false, "Where to write to the customer."),
            EventField("phone", .text, isRequired: false, "Where to call the customer."),
        ]
    )

    /// `inventory.rejected`.
    public static let inventoryRejected = EventDescription(
        type: InventoryRejected.type,
        version: 1,
        source: InventoryRejected.source,
        summary: "An order asks for more than is there.",
        fields: [
            EventField("order_id", .identifier, "The order's identifier, a UUIDv7."),
            EventField("user_id", .integer, "Who ordered."),
            EventField("product_id", .integer, "What was ordered."),
            EventField("product_name", .text, "What it is called."),
            EventField("quantity", .integer, "How many were ordered."),
            EventField("remaining", .integer, "How many were there."),
            EventField("total", .decimal, "The price of all that was ordered."),
            EventField("currency", .text, "ISO 4217."),
            EventField("rejected_at", .time, "When inventory said no."),
            EventField("email", .text, isRequired: false, "Where to write to the customer."),
            EventField("phone", .text, isRequired: false, "Where to call the customer."),
        ]
    )
}
