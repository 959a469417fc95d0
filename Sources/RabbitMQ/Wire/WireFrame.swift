internal import CRabbitMQ

/// Copies a decoded method into its Swift value.
enum WireFrame {
    static func method(_ frame: inout amqp_frame_t, _ seen: inout SeenTexts) -> InboundMethod {
        let number = unsafe frame.payload.method.id
        switch Int64(number) {
        case Int64(AMQP_BASIC_DELIVER_METHOD):
            let fields = unsafe crabbitmq_basic_deliver(&frame).pointee
            return unsafe .basicDeliver(
                tag: fields.delivery_tag,
                redelivered: fields.redelivered != 0,
                exchange: seen.text(fields.exchange, at: SeenTexts.exchange),
                routingKey: seen.text(fields.routing_key, at: SeenTexts.routingKey)
            )
        case Int64(AMQP_BASIC_ACK_METHOD):
            let fields = unsafe crabbitmq_basic_ack(&frame).pointee
            return .basicAck(tag: fields.delivery_tag, multiple: fields.multiple != 0)
        case Int64(AMQP_BASIC_NACK_METHOD):
            let fields = unsafe crabbitmq_basic_nack(&frame).pointee
            return .basicNack(tag: fields.delivery_tag, multiple: fields.multiple != 0)
        case Int64(AMQP_BASIC_RETURN_METHOD):
            let fields = unsafe crabbitmq_basic_return(&frame).pointee
            return unsafe .basicReturn(
                ReplyCode(rawValue: fields.reply_code),
                WireValues.text(fields.reply_text),
                exchange: seen.text(fields.exchange, at: SeenTexts.exchange),
                routingKey: seen.text(fields.routing_key, at: SeenTexts.routingKey)
            )
        case Int64(AMQP_BASIC_GET_OK_METHOD):
            let fields = unsafe crabbitmq_basic_get_ok(&frame).pointee
            return unsafe .basicGetOk(
                tag: fields.delivery_tag,
                redelivered: fields.redelivered != 0,
                exchange: seen.text(fields.exchange, at: SeenTexts.exchange),
                routingKey: seen.text(fields.routing_key, at: SeenTexts.routingKey)
            )
        case Int64(AMQP_BASIC_CONSUME_OK_METHOD):
            return unsafe .basicConsumeOk(
                consumerTag: WireValues.text(crabbitmq_basic_consume_ok(&frame).pointee.consumer_tag)
            )
        case Int64(AMQP_BASIC_CANCEL_METHOD):
            return unsafe .basicCancel(
                consumerTag: WireValues.text(crabbitmq_basic_cancel(&frame).pointee.consumer_tag)
            )
        case Int64(AMQP_QUEUE_DECLARE_OK_METHOD):
            let fields = unsafe crabbitmq_queue_declare_ok(&frame).pointee
            return unsafe .queueDeclareOk(
                name: WireValues.text(fields.queue),
                messages: fields.message_count,
                consumers: fields.consumer_count
            )
        case Int64(AMQP_QUEUE_DELETE_OK_METHOD):
            return unsafe .queueDeleteOk(messages: crabbitmq_queue_delete_ok(&frame).pointee.message_count)
        default:
            return unsafe connection(&frame)
        }
    }

    private static func connection(_ frame: inout amqp_frame_t) -> InboundMethod {
        let number = unsafe frame.payload.method.id
        switch Int64(number) {
        case Int64(AMQP_CONNECTION_START_METHOD):
            let mechanisms = unsafe crabbitmq_connection_start(&frame).pointee.mechanisms
            return unsafe .connectionStart(mechanisms: WireValues.text(mechanisms))
        case Int64(AMQP_CONNECTION_TUNE_METHOD):
            let fields = unsafe crabbitmq_connection_tune(&frame).pointee
            return .connectionTune(
                channelMax: fields.channel_max,
                frameMax: fields.frame_max,
                heartbeat: fields.heartbeat
            )
        case Int64(AMQP_CONNECTION_CLOSE_METHOD):
            let fields = unsafe crabbitmq_connection_close(&frame).pointee
            return unsafe .connectionClose(
                ReplyCode(rawValue: fields.reply_code),
                WireValues.text(fields.reply_text)
            )
        case Int64(AMQP_CONNECTION_BLOCKED_METHOD):
            return unsafe .connectionBlocked(
                WireValues.text(crabbitmq_connection_blocked(&frame).pointee.reason)
            )
        case Int64(AMQP_CHANNEL_CLOSE_METHOD):
            let fields = unsafe crabbitmq_channel_close(&frame).pointee
            return unsafe .channelClose(
                ReplyCode(rawValue: fields.reply_code),
                WireValues.text(fields.reply_text)
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
}
