/// One decoded frame from the broker; plain values, nothing of C.
enum InboundFrame: Equatable, Sendable {
    case method(channel: UInt16, InboundMethod)
    case header(channel: UInt16, bodySize: UInt64, MessageProperties)
    case body(channel: UInt16, [UInt8])
    case heartbeat
    /// The broker answered with its own protocol version instead of a method: it does not speak AMQP 0-9-1.
    case protocolHeader
}

/// The methods that a broker sends, with the fields that this client looks at.
///
/// Names and fields as in AMQP 0-9-1 section 1.
enum InboundMethod: Equatable, Sendable {
    case connectionStart(mechanisms: String)
    case connectionTune(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16)
    case connectionOpenOk
    case connectionClose(ReplyCode, String)
    case connectionCloseOk
    case connectionBlocked(String)
    case connectionUnblocked
    case channelOpenOk
    case channelClose(ReplyCode, String)
    case channelCloseOk
    case confirmSelectOk
    case exchangeDeclareOk
    case exchangeDeleteOk
    case exchangeBindOk
    case queueDeclareOk(name: String, messages: UInt32, consumers: UInt32)
    case queueBindOk
    case queueUnbindOk
    case queueDeleteOk(messages: UInt32)
    case basicQosOk
    case basicConsumeOk(consumerTag: String)
    /// The broker's own cancellation: the queue is gone or its leader moved.
    case basicCancel(consumerTag: String)
    case basicCancelOk
    /// Followed by a header and bodies.
    case basicDeliver(tag: UInt64, redelivered: Bool, exchange: String, routingKey: String)
    /// Followed by a header and bodies.
    case basicReturn(ReplyCode, String, exchange: String, routingKey: String)
    /// Followed by a header and bodies.
    case basicGetOk(tag: UInt64, redelivered: Bool, exchange: String, routingKey: String)
    case basicGetEmpty
    case basicAck(tag: UInt64, multiple: Bool)
    case basicNack(tag: UInt64, multiple: Bool)
    /// A method that this client never asked for; its class and method number.
    case other(UInt32)

    /// Whether a header and bodies follow on the same channel.
    var carriesContent: Bool {
        switch self {
        case .basicDeliver, .basicReturn, .basicGetOk: true
        default: false
        }
    }
}
