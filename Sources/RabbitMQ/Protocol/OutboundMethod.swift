/// The methods that this client sends, with the fields that it sets.
///
/// Names and fields as in AMQP 0-9-1 section 1. `basic.publish` is not here: it travels with its content, see
/// ``FrameSink/publish(_:on:)``.
enum OutboundMethod: Equatable, Sendable {
    case connectionStartOk(properties: FieldTable, mechanism: String, response: [UInt8])
    case connectionTuneOk(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16)
    case connectionOpen(virtualHost: String)
    case connectionClose(ReplyCode, String)
    case connectionCloseOk
    case channelOpen
    case confirmSelect
    case exchangeDeclare(ExchangeDeclaration)
    case exchangeDeclarePassive(String)
    case exchangeDelete(String)
    case exchangeBind(ExchangeBinding)
    case queueDeclare(QueueDeclaration)
    case queueDeclarePassive(String)
    case queueBind(Binding)
    case queueUnbind(Binding)
    case queueDelete(String)
    case basicQos(prefetch: UInt16)
    case basicConsume(queue: String, consumerTag: String)
    case basicCancel(consumerTag: String)
    case basicGet(queue: String)
    case basicAck(tag: UInt64, multiple: Bool)
    case basicNack(tag: UInt64, multiple: Bool, requeue: Bool)

    /// Whether `reply` is the broker's answer to this method.
    func isAnswered(by reply: InboundMethod) -> Bool {
        switch (self, reply) {
        case (.connectionOpen, .connectionOpenOk), (.connectionClose, .connectionCloseOk),
            (.channelOpen, .channelOpenOk), (.confirmSelect, .confirmSelectOk),
            (.exchangeDeclare, .exchangeDeclareOk), (.exchangeDeclarePassive, .exchangeDeclareOk),
            (.exchangeDelete, .exchangeDeleteOk), (.queueDeclare, .queueDeclareOk),
            (.queueDeclarePassive, .queueDeclareOk), (.queueBind, .queueBindOk),
            (.queueUnbind, .queueUnbindOk), (.exchangeBind, .exchangeBindOk),
            (.queueDelete, .queueDeleteOk), (.basicQos, .basicQosOk), (.basicConsume, .basicConsumeOk),
            (.basicCancel, .basicCancelOk), (.basicGet, .basicGetOk), (.basicGet, .basicGetEmpty):
            true
        default:
            false
        }
    }
}

/// Where frames go: the connection's output buffer, or a list in a test.
protocol FrameSink: ~Copyable {
    /// Whether more than the buffer's bound is waiting for the socket; the writer comes back later.
    var isFull: Bool { get }
    /// Appends one method frame.
    mutating func method(_ method: OutboundMethod, on channel: UInt16) throws(RabbitMQError)
    /// Appends `basic.publish`, `mandatory`, with its header and body frames.
    mutating func publish(_ message: OutgoingMessage, on channel: UInt16) throws(RabbitMQError)
}
