/// A message and where it goes.
///
/// Every publish is `mandatory`: a message that reaches no queue comes back as ``PublishOutcome/unroutable(_:)``.
public struct OutgoingMessage: Hashable, Sendable {
    /// Largest body that is sent, 16 MiB: what RabbitMQ 4 accepts by default.
    public static let largestBody = 16 << 20

    /// The exchange; empty is the default exchange.
    ///
    /// At most 255 bytes.
    public var exchange: String
    /// At most 255 bytes; ignored by a fanout exchange.
    public var routingKey: String
    /// Sent as they are.
    public var properties: MessageProperties
    /// At most ``largestBody`` bytes.
    public var body: [UInt8]

    /// Creates a message.
    public init(exchange: String, routingKey: String, properties: MessageProperties, body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }
}
