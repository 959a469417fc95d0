/// The properties of a message, as AMQP's class `basic` names them.
///
/// `nil` is absent on the wire, which is not the same as empty.
/// Source: AMQP 0-9-1 section 1.8.
public struct MessageProperties: Hashable, Sendable {
    /// Whether the broker keeps the message on disk.
    public enum DeliveryMode: UInt8, Sendable {
        /// Kept in memory only; a broker that stops loses it.
        case transient = 1
        /// Kept on disk in a durable queue.
        case persistent = 2
    }

    /// MIME type of the body.
    public var contentType: String?
    /// MIME encoding of the body, such as `gzip`.
    public var contentEncoding: String?
    /// The application's own headers.
    public var headers: FieldTable
    /// Transient or persistent.
    public var deliveryMode: DeliveryMode?
    /// 0 to 9; ignored by quorum queues.
    public var priority: UInt8?
    /// What this message belongs to.
    public var correlationID: String?
    /// Where an answer is expected.
    public var replyTo: String?
    /// Lifetime in milliseconds, as text.
    public var expiration: String?
    /// The sender's name for this message; the same on every copy.
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    /// What kind of message this is.
    public var type: String?
    /// Checked by the broker against the login where present.
    public var userID: String?
    /// The program that sent it.
    public var appID: String?
    /// Deprecated by AMQP; kept so that a copy keeps it.
    public var clusterID: String?

    /// Creates properties that are all absent but the given ones.
    public init(
        contentType: String? = nil,
        headers: FieldTable = [:],
        deliveryMode: DeliveryMode? = nil,
        correlationID: String? = nil,
        messageID: String? = nil,
        timestamp: UInt64? = nil,
        type: String? = nil,
        appID: String? = nil
    ) {
        self.contentType = contentType
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.correlationID = correlationID
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.appID = appID
    }
}
