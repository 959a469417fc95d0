internal import CRabbitMQ

/// Copies a decoded method into its Swift value.
enum WireFrame {
    /// - Parameters:
    ///   - number: Class and method.
    ///   - fields: The structure that librabbitmq has for it.
    /// - Returns: The method; nothing of it points into C memory.
    static func method(_ number: UInt32, _ fields: UnsafeRawPointer) -> InboundMethod {
        switch Int64(number) {
        case Int64(AMQP_BASIC_DELIVER_METHOD):
            let fields = unsafe fields.load(as: amqp_basic_deliver_t.self)
            return unsafe .basicDeliver(
                tag: fields.delivery_tag,
                redelivered: fields.redelivered != 0,
                exchange: text(fields.exchange),
                routingKey: text(fields.routing_key)
            )
        case Int64(AMQP_BASIC_ACK_METHOD):
            let fields = unsafe fields.load(as: amqp_basic_ack_t.self)
            return .basicAck(tag: fields.delivery_tag, multiple: fields.multiple != 0)
        case Int64(AMQP_BASIC_NACK_METHOD):
            let fields = unsafe fields.load(as: amqp_basic_nack_t.self)
            return .basicNack(tag: fields.delivery_tag, multiple: fields.multiple != 0)
        case Int64(AMQP_BASIC_RETURN_METHOD):
            let fields = unsafe fields.load(as: amqp_basic_return_t.self)
            return unsafe .basicReturn(
                ReplyCode(rawValue: fields.reply_code),
                text(fields.reply_text),
                exchange: text(fields.exchange),
                routingKey: text(fields.routing_key)
            )
        case Int64(AMQP_BASIC_GET_OK_METHOD):
            let fields = unsafe fields.load(as: amqp_basic_get_ok_t.self)
            return unsafe .basicGetOk(
                tag: fields.delivery_tag,
                redelivered: fields.redelivered != 0,
                exchange: text(fields.exchange),
                routingKey: text(fields.routing_key)
            )
        case Int64(AMQP_BASIC_CONSUME_OK_METHOD):
            return unsafe .basicConsumeOk(
                consumerTag: text(fields.load(as: amqp_basic_consume_ok_t.self).consumer_tag)
            )
        case Int64(AMQP_BASIC_CANCEL_METHOD):
            return unsafe .basicCancel(
                consumerTag: text(fields.load(as: amqp_basic_cancel_t.self).consumer_tag)
            )
        case Int64(AMQP_QUEUE_DECLARE_OK_METHOD):
            let fields = unsafe fields.load(as: amqp_queue_declare_ok_t.self)
            return unsafe .queueDeclareOk(
                name: text(fields.queue),
                messages: fields.message_count,
                consumers: fields.consumer_count
            )
        case Int64(AMQP_QUEUE_DELETE_OK_METHOD):
            return unsafe .queueDeleteOk(messages: fields.load(as: amqp_queue_delete_ok_t.self).message_count)
        default:
            return unsafe connection(number, fields)
        }
    }

    private static func connection(_ number: UInt32, _ fields: UnsafeRawPointer) -> InboundMethod {
        switch Int64(number) {
        case Int64(AMQP_CONNECTION_START_METHOD):
            let mechanisms = unsafe fields.load(as: amqp_connection_start_t.self).mechanisms
            return unsafe .connectionStart(mechanisms: text(mechanisms))
        case Int64(AMQP_CONNECTION_TUNE_METHOD):
            let fields = unsafe fields.load(as: amqp_connection_tune_t.self)
            return .connectionTune(
                channelMax: fields.channel_max,
                frameMax: fields.frame_max,
                heartbeat: fields.heartbeat
            )
        case Int64(AMQP_CONNECTION_CLOSE_METHOD):
            let fields = unsafe fields.load(as: amqp_connection_close_t.self)
            return unsafe .connectionClose(
                ReplyCode(rawValue: fields.reply_code),
                text(fields.reply_text)
            )
        case Int64(AMQP_CONNECTION_BLOCKED_METHOD):
            return unsafe .connectionBlocked(
                text(fields.load(as: amqp_connection_blocked_t.self).reason)
            )
        case Int64(AMQP_CHANNEL_CLOSE_METHOD):
            let fields = unsafe fields.load(as: amqp_channel_close_t.self)
            return unsafe .channelClose(
                ReplyCode(rawValue: fields.reply_code),
                text(fields.reply_text)
            )
        default:
            return plain[Int64(number)] ?? .other(number)
        }
    }

    /// Methods whose fields nobody looks at.
    private static let plain: [Int64: InboundMethod] = [
        Int64(AMQP_CONNECTION_OPEN_OK_METHOD): .connectionOpenOk,
        Int64(AMQP_CONNECTION_CLOSE_OK_METHOD): .connectionCloseOk,
        Int64(AMQP_CONNECTION_UNBLOCKED_METHOD): .connectionUnblocked,
        Int64(AMQP_CHANNEL_OPEN_OK_METHOD): .channelOpenOk,
        Int64(AMQP_CHANNEL_CLOSE_OK_METHOD): .channelCloseOk,
        Int64(AMQP_CONFIRM_SELECT_OK_METHOD): .confirmSelectOk,
        Int64(AMQP_EXCHANGE_DECLARE_OK_METHOD): .exchangeDeclareOk,
        Int64(AMQP_EXCHANGE_DELETE_OK_METHOD): .exchangeDeleteOk,
        Int64(AMQP_QUEUE_BIND_OK_METHOD): .queueBindOk,
        Int64(AMQP_QUEUE_UNBIND_OK_METHOD): .queueUnbindOk,
        Int64(AMQP_EXCHANGE_BIND_OK_METHOD): .exchangeBindOk,
        Int64(AMQP_BASIC_QOS_OK_METHOD): .basicQosOk,
        Int64(AMQP_BASIC_CANCEL_OK_METHOD): .basicCancelOk,
        Int64(AMQP_BASIC_GET_EMPTY_METHOD): .basicGetEmpty,
    ]

    /// The bytes as text; those that are no UTF-8 are replaced.
    ///
    /// Made anew for each message: one text for all of them would be counted by two threads at once, which costs more.
    private static func text(_ bytes: amqp_bytes_t) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
