/// Puts a message together from its method, header and body frames.
///
/// Pure; one for each channel. Source: AMQP 0-9-1 section 4.2.6.
struct ContentAssembly {
    /// A method with its complete content.
    struct Content: Equatable, Sendable {
        let method: InboundMethod
        let properties: MessageProperties
        let body: [UInt8]
    }

    /// Largest message that is taken, 128 MiB: RabbitMQ 3's own limit, 8 times that of version 4.
    static let largestBody: UInt64 = 128 << 20

    /// What waits for its header or its body.
    private var method: InboundMethod?
    /// What waits for its body.
    private var properties: MessageProperties?
    private var body: [UInt8] = []
    private var size = 0

    /// Takes a method that carries content.
    mutating func begin(_ method: InboundMethod) throws(RabbitMQError) {
        guard self.method == nil else { throw Self.unexpected("a method inside a message") }
        self.method = method
    }

    /// Takes the header.
    /// - Returns: The content, if its body is empty.
    mutating func header(
        size: UInt64,
        _ properties: consuming MessageProperties
    ) throws(RabbitMQError) -> Content? {
        guard self.properties == nil, let method else { throw Self.unexpected("a header without a method") }
        guard size <= Self.largestBody else { throw Self.unexpected("a message of \(size) bytes") }
        guard size > 0 else {
            self.method = nil
            return Content(method: method, properties: properties, body: [])
        }
        self.properties = properties
        self.size = Int(size)
        return nil
    }

    /// Takes one body frame.
    /// - Returns: The content, if this was its last frame.
    mutating func body(_ fragment: consuming [UInt8]) throws(RabbitMQError) -> Content? {
        guard let method, let properties else { throw Self.unexpected("a body without a header") }
        if body.isEmpty {
            body = fragment
        } else {
            body.append(contentsOf: fragment)
        }
        guard body.count <= size else { throw Self.unexpected("a body longer than its header said") }
        guard body.count == size else { return nil }
        self.method = nil
        self.properties = nil
        var whole: [UInt8] = []
        swap(&whole, &body)
        return Content(method: method, properties: properties, body: whole)
    }

    private static func unexpected(_ what: String) -> RabbitMQError {
        RabbitMQError(.malformed, during: .run, "\(what) arrived")
    }
}

extension ContentAssembly.Content {
    /// The number that the broker gave a delivered or fetched message; `nil` for a returned one.
    var deliveryNumber: UInt64? {
        switch method {
        case .basicDeliver(let number, _, _, _), .basicGetOk(let number, _, _, _): number
        default: nil
        }
    }

    /// The message as a delivery under its tag; `nil` for a returned one.
    consuming func delivery(_ tag: DeliveryTag) -> Delivery? {
        switch method {
        case .basicDeliver(_, let redelivered, let exchange, let routingKey),
            .basicGetOk(_, let redelivered, let exchange, let routingKey):
            Delivery(
                tag: tag,
                wasRedelivered: redelivered,
                exchange: exchange,
                routingKey: routingKey,
                properties: properties,
                body: body
            )
        default:
            nil
        }
    }
}
