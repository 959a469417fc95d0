/// The properties of a message, as AMQP's class `basic` names them.
///
/// `nil` is absent on the wire, which is not the same as empty. Copies share what they hold until one is changed, so a
/// message passes from hand to hand for the price of one reference; a change costs a copy. Those of a message that came
/// from a broker are kept as they came, and each is made when it is asked for: take one that you use often once.
/// Source: AMQP 0-9-1 section 1.8.
public struct MessageProperties: Hashable, Sendable {
    /// Whether the broker keeps the message on disk.
    public enum DeliveryMode: UInt8, Sendable {
        /// Kept in memory only; a broker that stops loses it.
        case transient = 1
        /// Kept on disk in a durable queue.
        case persistent = 2
    }

    /// The fields by themselves, for who builds them one by one.
    struct Fields: Hashable, Sendable {
        var contentType: String?
        var contentEncoding: String?
        var headers: FieldTable = [:]
        var deliveryMode: DeliveryMode?
        var priority: UInt8?
        var correlationID: String?
        var replyTo: String?
        var expiration: String?
        var messageID: String?
        var timestamp: UInt64?
        var type: String?
        var userID: String?
        var appID: String?
        var clusterID: String?
    }

    /// Never changed: what would change it makes another.
    private final class Box: Sendable {
        let fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    private enum Form: Sendable {
        case made(Box)
        /// As they came over the wire.
        case encoded(EncodedProperties)
    }

    private var form: Form

    /// All of them at once; setting one of them is a copy of this.
    var fields: Fields {
        get {
            switch form {
            case .made(let box): box.fields
            case .encoded(let encoded): encoded.fields
            }
        }
        set { form = .made(Box(newValue)) }
    }

    /// Creates properties of these fields.
    init(_ fields: Fields) { form = .made(Box(fields)) }

    /// Creates properties of what came over the wire; each is made when somebody asks for it.
    init(_ encoded: EncodedProperties) { form = .encoded(encoded) }

    private func read<Value>(_ made: (Fields) -> Value, _ encoded: (EncodedProperties) -> Value) -> Value {
        switch form {
        case .made(let box): made(box.fields)
        case .encoded(let properties): encoded(properties)
        }
    }

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
        self.init(
            Fields(
                contentType: contentType,
                headers: headers,
                deliveryMode: deliveryMode,
                correlationID: correlationID,
                messageID: messageID,
                timestamp: timestamp,
                type: type,
                appID: appID
            )
        )
    }

    /// Whether both have the same fields.
    public static func == (one: MessageProperties, other: MessageProperties) -> Bool {
        switch (one.form, other.form) {
        case (.made(let box), .made(let same)) where box === same: true
        case (.encoded(let came), .encoded(let same)) where came.hasSameBytes(as: same): true
        default: one.fields == other.fields
        }
    }

    /// Hashes every field.
    public func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}

extension MessageProperties {
    /// MIME type of the body.
    public var contentType: String? {
        get { read({ $0.contentType }, { $0.text(.contentType) }) }
        set { fields.contentType = newValue }
    }
    /// MIME encoding of the body, such as `gzip`.
    public var contentEncoding: String? {
        get { read({ $0.contentEncoding }, { $0.text(.contentEncoding) }) }
        set { fields.contentEncoding = newValue }
    }
    /// The application's own headers.
    public var headers: FieldTable {
        get { read({ $0.headers }, { $0.headers }) }
        set { fields.headers = newValue }
    }
    /// Transient or persistent.
    public var deliveryMode: DeliveryMode? {
        get { read({ $0.deliveryMode }, { $0.octet(.deliveryMode).flatMap { DeliveryMode(rawValue: $0) } }) }
        set { fields.deliveryMode = newValue }
    }
    /// 0 to 9; ignored by quorum queues.
    public var priority: UInt8? {
        get { read({ $0.priority }, { $0.octet(.priority) }) }
        set { fields.priority = newValue }
    }
    /// What this message belongs to.
    public var correlationID: String? {
        get { read({ $0.correlationID }, { $0.text(.correlationID) }) }
        set { fields.correlationID = newValue }
    }
    /// Where an answer is expected.
    public var replyTo: String? {
        get { read({ $0.replyTo }, { $0.text(.replyTo) }) }
        set { fields.replyTo = newValue }
    }
    /// Lifetime in milliseconds, as text.
    public var expiration: String? {
        get { read({ $0.expiration }, { $0.text(.expiration) }) }
        set { fields.expiration = newValue }
    }
    /// The sender's name for this message; the same on every copy.
    public var messageID: String? {
        get { read({ $0.messageID }, { $0.text(.messageID) }) }
        set { fields.messageID = newValue }
    }
    /// Seconds since 1970.
    public var timestamp: UInt64? {
        get { read({ $0.timestamp }, { $0.timestamp }) }
        set { fields.timestamp = newValue }
    }
    /// What kind of message this is.
    public var type: String? {
        get { read({ $0.type }, { $0.text(.type) }) }
        set { fields.type = newValue }
    }
    /// Checked by the broker against the login where present.
    public var userID: String? {
        get { read({ $0.userID }, { $0.text(.userID) }) }
        set { fields.userID = newValue }
    }
    /// The program that sent it.
    public var appID: String? {
        get { read({ $0.appID }, { $0.text(.appID) }) }
        set { fields.appID = newValue }
    }
    /// Deprecated by AMQP; kept so that a copy keeps it.
    public var clusterID: String? {
        get { read({ $0.clusterID }, { $0.text(.clusterID) }) }
        set { fields.clusterID = newValue }
    }
}
