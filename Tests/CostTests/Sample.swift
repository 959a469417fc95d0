@testable import OrderService
@testable import RabbitMQ

/// One order, on every stage of its way.
enum Sample {
    static let request = Array(
        #"{"user_id":5,"product_id":2,"quantity":3,"price":19.99,"email":"zoe@example.com","phone":"+49 30 1234"}"#
            .utf8
    )

    static let draft: OrderDraft = {
        var problems: [FieldProblem] = []
        guard let json = try? JSONMembers(request), let draft = OrderDraft.read(json, problems: &problems)
        else {
            preconditionFailure("the sample is an order")
        }
        return draft
    }()

    static let order = Order(accepting: draft, after: nil, traceParent: nil)
    static let message = OutgoingMessage(telling: order)
    static let tag = DeliveryTag(epoch: 1, number: 1)

    /// The message as a consumer gets it.
    static func delivered() throws -> Delivery {
        var decoder = FrameDecoder()
        var assembly = ContentAssembly()
        var delivered: Delivery?
        try decoder.feed(delivery()) { (frame) throws(RabbitMQError) in
            switch frame {
            case .method(_, let method): try assembly.begin(method)
            case .header(_, let size, let properties): _ = try assembly.header(size: size, properties)
            case .body(_, let bytes): delivered = try assembly.body(bytes)?.delivery(tag)
            default: break
            }
        }
        guard let delivered else { preconditionFailure("the sample is a delivery") }
        return delivered
    }

    /// One frame with a method.
    static func frame(_ method: OutboundMethod) throws -> [UInt8] {
        var encoder = FrameEncoder()
        try encoder.method(method, on: 1)
        return taken(from: &encoder)
    }

    /// The frames by which a broker delivers the message under tag 1.
    static func delivery() throws -> [UInt8] {
        // Consumer tag, number, redelivered, exchange, routing key: AMQP 0-9-1, basic.deliver.
        let exchange = Array(message.exchange.utf8)
        let arguments =
            [1, UInt8(ascii: "c"), 0, 0, 0, 0, 0, 0, 0, 1, 0, UInt8(exchange.count)] + exchange + [0]
        let length = UInt8(arguments.count + 4)
        let method: [UInt8] = [1, 0, 1, 0, 0, 0, length, 0, 60, 0, 60] + arguments + [0xCE]
        var encoder = FrameEncoder()
        encoder.frameMax = 131_072
        try encoder.publish(message, on: 1)
        let published = taken(from: &encoder)
        // The first frame is basic.publish; header and body look the same both ways.
        let size = published[3..<7].reduce(0) { $0 << 8 + Int($1) }
        return method + published[(size + 8)...]
    }

    private static func taken(from encoder: inout FrameEncoder) -> [UInt8] {
        var bytes: [UInt8] = []
        unsafe encoder.drain { waiting in
            unsafe bytes.append(contentsOf: waiting)
            return waiting.count
        }
        return bytes
    }
}

extension FrameDecoder {
    /// Decodes bytes that a test holds.
    mutating func feed(
        _ bytes: [UInt8],
        _ body: (InboundFrame) throws(RabbitMQError) -> Void
    ) throws {
        try unsafe bytes.withUnsafeBytes { buffer in
            do throws(RabbitMQError) {
                return Result<Void, RabbitMQError>.success(try unsafe decode(buffer, body))
            } catch {
                return .failure(error)
            }
        }
        .get()
    }
}
