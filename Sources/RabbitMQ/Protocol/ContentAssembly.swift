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

    private enum State {
        case idle
        case awaitingHeader(InboundMethod)
        case awaitingBody(InboundMethod, MessageProperties, [UInt8], size: Int)
    }

    private var state = State.idle

    /// Takes a method that carries content.
    mutating func begin(_ method: InboundMethod) throws(RabbitMQError) {
        guard case .idle = state else { throw Self.unexpected("a method inside a message") }
        state = .awaitingHeader(method)
    }

    /// Takes the header.
    /// - Returns: The content, if its body is empty.
    mutating func header(size: UInt64, _ properties: MessageProperties) throws(RabbitMQError) -> Content? {
        guard case .awaitingHeader(let method) = state else {
            throw Self.unexpected("a header without a method")
        }
        guard size <= Self.largestBody else { throw Self.unexpected("a message of \(size) bytes") }
        guard size > 0 else {
            state = .idle
            return Content(method: method, properties: properties, body: [])
        }
        state = .awaitingBody(method, properties, [], size: Int(size))
        return nil
    }

    /// Takes one body frame.
    /// - Returns: The content, if this was its last frame.
    mutating func body(_ fragment: [UInt8]) throws(RabbitMQError) -> Content? {
        guard case .awaitingBody(let method, let properties, var body, let size) = state else {
            throw Self.unexpected("a body without a header")
        }
        // Give the array up first, or the append below copies what came so far.
        state = .idle
        if body.isEmpty {
            body = fragment
        } else {
            body.append(contentsOf: fragment)
        }
        guard body.count <= size else { throw Self.unexpected("a body longer than its header said") }
        guard body.count < size else { return Content(method: method, properties: properties, body: body) }
        state = .awaitingBody(method, properties, body, size: size)
        return nil
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
    func delivery(_ tag: DeliveryTag) -> Delivery? {
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
