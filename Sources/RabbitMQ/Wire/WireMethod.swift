internal import CRabbitMQ

/// Fills librabbitmq's argument structures.
enum WireMethod {
    /// Builds the structure of `method` and lends it with its number.
    /// - Returns: What `body` returned.
    static func encode(
        _ method: OutboundMethod,
        in pool: inout WirePool,
        _ body: (UInt32, UnsafeMutableRawPointer) -> Bool
    ) -> Bool {
        switch method {
        case .connectionStartOk(let properties, let mechanism, let response):
            var arguments = unsafe amqp_connection_start_ok_t()
            unsafe arguments.client_properties = pool.table(properties)
            unsafe arguments.mechanism = pool.bytes(mechanism)
            unsafe arguments.response = pool.bytes(response)
            unsafe arguments.locale = pool.bytes("en_US")
            return unsafe body(UInt32(AMQP_CONNECTION_START_OK_METHOD), &arguments)
        case .connectionTuneOk(let channelMax, let frameMax, let heartbeat):
            var arguments = amqp_connection_tune_ok_t(
                channel_max: channelMax,
                frame_max: frameMax,
                heartbeat: heartbeat
            )
            return unsafe body(UInt32(AMQP_CONNECTION_TUNE_OK_METHOD), &arguments)
        case .connectionOpen(let virtualHost):
            var arguments = unsafe amqp_connection_open_t()
            unsafe arguments.virtual_host = pool.bytes(virtualHost)
            return unsafe body(UInt32(AMQP_CONNECTION_OPEN_METHOD), &arguments)
        case .connectionClose(let code, let text):
            var arguments = unsafe amqp_connection_close_t()
            unsafe arguments.reply_code = code.rawValue
            unsafe arguments.reply_text = pool.bytes(text)
            return unsafe body(UInt32(AMQP_CONNECTION_CLOSE_METHOD), &arguments)
        case .connectionCloseOk:
            var arguments = amqp_connection_close_ok_t()
            return unsafe body(UInt32(AMQP_CONNECTION_CLOSE_OK_METHOD), &arguments)
        case .channelOpen:
            var arguments = unsafe amqp_channel_open_t()
            return unsafe body(UInt32(AMQP_CHANNEL_OPEN_METHOD), &arguments)
        case .confirmSelect:
            var arguments = amqp_confirm_select_t()
            return unsafe body(UInt32(AMQP_CONFIRM_SELECT_METHOD), &arguments)
        case .exchangeDeclare, .exchangeDeclarePassive, .exchangeDelete, .queueDeclare, .queueDeclarePassive,
            .exchangeBind, .queueBind, .queueUnbind, .queueDelete:
            return unsafe declaration(method, in: &pool, body)
        case .basicQos, .basicConsume, .basicCancel, .basicGet, .basicAck, .basicNack:
            return unsafe basic(method, in: &pool, body)
        }
    }

    private static func declaration(
        _ method: OutboundMethod,
        in pool: inout WirePool,
        _ body: (UInt32, UnsafeMutableRawPointer) -> Bool
    ) -> Bool {
        switch method {
        case .exchangeDeclare(let exchange):
            var arguments = unsafe amqp_exchange_declare_t()
            unsafe arguments.exchange = pool.bytes(exchange.name)
            unsafe arguments.type = pool.bytes(exchange.kind.rawValue)
            unsafe arguments.durable = exchange.lifetime == .durable ? 1 : 0
            unsafe arguments.arguments = pool.table(exchange.arguments)
            return unsafe body(UInt32(AMQP_EXCHANGE_DECLARE_METHOD), &arguments)
        case .exchangeDeclarePassive(let name):
            var arguments = unsafe amqp_exchange_declare_t()
            unsafe arguments.exchange = pool.bytes(name)
            unsafe arguments.passive = 1
            return unsafe body(UInt32(AMQP_EXCHANGE_DECLARE_METHOD), &arguments)
        case .exchangeDelete(let name):
            var arguments = unsafe amqp_exchange_delete_t()
            unsafe arguments.exchange = pool.bytes(name)
            return unsafe body(UInt32(AMQP_EXCHANGE_DELETE_METHOD), &arguments)
        case .queueDeclare(let queue):
            var arguments = unsafe amqp_queue_declare_t()
            unsafe arguments.queue = pool.bytes(queue.name)
            unsafe arguments.durable = queue.lifetime == .durable ? 1 : 0
            unsafe arguments.exclusive = queue.lifetime == .exclusive ? 1 : 0
            unsafe arguments.auto_delete = queue.lifetime == .exclusive ? 1 : 0
            unsafe arguments.arguments = pool.table(queue.arguments)
            return unsafe body(UInt32(AMQP_QUEUE_DECLARE_METHOD), &arguments)
        case .queueDeclarePassive(let name):
            var arguments = unsafe amqp_queue_declare_t()
            unsafe arguments.queue = pool.bytes(name)
            unsafe arguments.passive = 1
            return unsafe body(UInt32(AMQP_QUEUE_DECLARE_METHOD), &arguments)
        case .queueBind(let binding):
            var arguments = unsafe amqp_queue_bind_t()
            unsafe arguments.queue = pool.bytes(binding.queue)
            unsafe arguments.exchange = pool.bytes(binding.exchange)
            unsafe arguments.routing_key = pool.bytes(binding.routingKey)
            unsafe arguments.arguments = pool.table(binding.arguments)
            return unsafe body(UInt32(AMQP_QUEUE_BIND_METHOD), &arguments)
        case .queueUnbind(let binding):
            var arguments = unsafe amqp_queue_unbind_t()
            unsafe arguments.queue = pool.bytes(binding.queue)
            unsafe arguments.exchange = pool.bytes(binding.exchange)
            unsafe arguments.routing_key = pool.bytes(binding.routingKey)
            unsafe arguments.arguments = pool.table(binding.arguments)
            return unsafe body(UInt32(AMQP_QUEUE_UNBIND_METHOD), &arguments)
        case .exchangeBind(let binding):
            var arguments = unsafe amqp_exchange_bind_t()
            unsafe arguments.source = pool.bytes(binding.source)
            unsafe arguments.destination = pool.bytes(binding.destination)
            unsafe arguments.routing_key = pool.bytes(binding.routingKey)
            unsafe arguments.arguments = pool.table(binding.arguments)
            return unsafe body(UInt32(AMQP_EXCHANGE_BIND_METHOD), &arguments)
        case .queueDelete(let name):
            var arguments = unsafe amqp_queue_delete_t()
            unsafe arguments.queue = pool.bytes(name)
            return unsafe body(UInt32(AMQP_QUEUE_DELETE_METHOD), &arguments)
        default:
            return false
        }
    }

    private static func basic(
        _ method: OutboundMethod,
        in pool: inout WirePool,
        _ body: (UInt32, UnsafeMutableRawPointer) -> Bool
    ) -> Bool {
        switch method {
        case .basicQos(let prefetch):
            var arguments = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: prefetch, global: 0)
            return unsafe body(UInt32(AMQP_BASIC_QOS_METHOD), &arguments)
        case .basicConsume(let queue, let consumerTag):
            var arguments = unsafe amqp_basic_consume_t()
            unsafe arguments.queue = pool.bytes(queue)
            unsafe arguments.consumer_tag = pool.bytes(consumerTag)
            return unsafe body(UInt32(AMQP_BASIC_CONSUME_METHOD), &arguments)
        case .basicCancel(let consumerTag):
            var arguments = unsafe amqp_basic_cancel_t()
            unsafe arguments.consumer_tag = pool.bytes(consumerTag)
            return unsafe body(UInt32(AMQP_BASIC_CANCEL_METHOD), &arguments)
        case .basicGet(let queue):
            var arguments = unsafe amqp_basic_get_t()
            unsafe arguments.queue = pool.bytes(queue)
            return unsafe body(UInt32(AMQP_BASIC_GET_METHOD), &arguments)
        case .basicAck(let tag, let multiple):
            var arguments = amqp_basic_ack_t(delivery_tag: tag, multiple: multiple ? 1 : 0)
            return unsafe body(UInt32(AMQP_BASIC_ACK_METHOD), &arguments)
        case .basicNack(let tag, let multiple, let requeue):
            var arguments = amqp_basic_nack_t(
                delivery_tag: tag,
                multiple: multiple ? 1 : 0,
                requeue: requeue ? 1 : 0
            )
            return unsafe body(UInt32(AMQP_BASIC_NACK_METHOD), &arguments)
        default:
            return false
        }
    }

    /// Fills the properties; a flag says which are there.
    ///
    /// AMQP 0-9-1 section 4.2.6.1.
    static func properties(
        _ properties: MessageProperties,
        in pool: inout WirePool
    ) -> amqp_basic_properties_t {
        let source = properties.fields
        var target = unsafe amqp_basic_properties_t()
        var flags: UInt32 = 0
        func text(_ value: String?, _ flag: UInt32, _ pool: inout WirePool) -> amqp_bytes_t {
            guard let value else { return unsafe amqp_bytes_t() }
            flags |= flag
            return unsafe pool.bytes(value)
        }
        unsafe target.content_type = text(source.contentType, 1 << 15, &pool)
        unsafe target.content_encoding = text(source.contentEncoding, 1 << 14, &pool)
        if !source.headers.isEmpty {
            flags |= 1 << 13
            unsafe target.headers = pool.table(source.headers)
        }
        if let mode = source.deliveryMode {
            flags |= 1 << 12
            unsafe target.delivery_mode = mode.rawValue
        }
        if let priority = source.priority {
            flags |= 1 << 11
            unsafe target.priority = priority
        }
        unsafe target.correlation_id = text(source.correlationID, 1 << 10, &pool)
        unsafe target.reply_to = text(source.replyTo, 1 << 9, &pool)
        unsafe target.expiration = text(source.expiration, 1 << 8, &pool)
        unsafe target.message_id = text(source.messageID, 1 << 7, &pool)
        if let timestamp = source.timestamp {
            flags |= 1 << 6
            unsafe target.timestamp = timestamp
        }
        unsafe target.type = text(source.type, 1 << 5, &pool)
        unsafe target.user_id = text(source.userID, 1 << 4, &pool)
        unsafe target.app_id = text(source.appID, 1 << 3, &pool)
        unsafe target.cluster_id = text(source.clusterID, 1 << 2, &pool)
        unsafe target._flags = flags
        return unsafe target
    }
}
