/// A message that the broker handed to this process and waits to hear about.
public struct Delivery: Hashable, Sendable {
    /// How to settle it.
    public let tag: DeliveryTag
    /// Whether the broker has handed it out before, to anyone.
    public let wasRedelivered: Bool
    /// The exchange it was published to.
    public let exchange: String
    /// The routing key it was published with.
    public let routingKey: String
    /// Its properties, complete.
    public let properties: MessageProperties
    /// Its body.
    public let body: [UInt8]

    /// Creates a delivery.
    public init(
        tag: DeliveryTag,
        wasRedelivered: Bool,
        exchange: String,
        routingKey: String,
        properties: MessageProperties,
        body: [UInt8]
    ) {
        self.tag = tag
        self.wasRedelivered = wasRedelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }
}

/// The broker's name for one unsettled delivery.
///
/// Numbers restart at 1 on every new channel, so a number alone could name somebody else's message after a
/// reconnect; the epoch tells them apart.
public struct DeliveryTag: Hashable, Sendable {
    /// Counts channel openings of one connection object; the first channel is epoch 1.
    public let epoch: UInt32
    /// The delivery tag of AMQP; means nothing without the epoch.
    public let number: UInt64

    /// Creates a tag.
    public init(epoch: UInt32, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }
}

/// What to tell the broker about a delivery.
public enum Settlement: Hashable, Sendable {
    /// `basic.ack`: the broker may forget the message.
    case acknowledge
    /// `basic.nack` with requeue: the message goes back to its queue, and its delivery count rises.
    case requeue
    /// `basic.nack` without requeue: the broker dead-letters the message, or drops it where the queue says nothing.
    case reject
}
