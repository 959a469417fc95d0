import WorkQueue

@testable import RabbitMQ

extension Cost {
    /// A message into frames, numbered for its confirm.
    static var publish: Cost {
        Cost(name: "publish") { count in
            var encoder = FrameEncoder()
            encoder.frameMax = 131_072
            var ledger = ConfirmLedger()
            let message = Sample.message
            let key = ConfirmLedger.Key(
                messageID: message.properties.messageID,
                exchange: message.exchange,
                routingKey: message.routingKey
            )
            for index in 0..<count {
                try encoder.publish(message, on: 1)
                ledger.published(.init(batch: 1, index: index), key)
                unsafe encoder.drain { $0.count }
            }
        }
    }

    /// A frame of the broker's that confirms one message.
    static func confirm() throws -> Cost {
        let frames = try (1...UInt64(Cost.count))
            .map {
                try Sample.frame(.basicAck(tag: $0, multiple: false))
            }
        let key = ConfirmLedger.Key(messageID: "m", exchange: "e", routingKey: "")
        return Cost(name: "confirm") { count in
            var decoder = FrameDecoder()
            var ledger = ConfirmLedger()
            for index in 0..<count { ledger.published(.init(batch: 1, index: index), key) }
            for frame in frames.prefix(count) {
                try decoder.feed(frame) { frame in
                    guard case .method(_, .basicAck(let tag, let multiple)) = frame else { return }
                    _ = ledger.answered(tag, multiple: multiple, positive: true)
                }
            }
        }
    }

    /// Three frames into a delivery.
    static var delivery: Cost {
        Cost(name: "delivery") { count in
            var decoder = FrameDecoder()
            decoder.tune(frameMax: 131_072)
            var assembly = ContentAssembly()
            var ledger = SettlementLedger()
            let frames = try Sample.delivery()
            for number in 1...UInt64(count) {
                try decoder.feed(frames) { (frame) throws(RabbitMQError) in
                    switch frame {
                    case .method(_, let method): try assembly.begin(method)
                    case .header(_, let size, let properties): _ = try assembly.header(size: size, properties)
                    case .body(_, let bytes):
                        _ = try assembly.body(bytes)?.delivery(ledger.delivered(number) ?? Sample.tag)
                    default: break
                    }
                }
            }
        }
    }

    /// A handled delivery into its acknowledgement, with what was handled along.
    static var acknowledgement: Cost {
        Cost(name: "ack") { count in
            var encoder = FrameEncoder()
            var ledger = SettlementLedger()
            for number in 1...UInt64(count) { _ = ledger.delivered(number) }
            for number in 1...UInt64(count) {
                _ = ledger.settle(DeliveryTag(epoch: 1, number: number), as: .acknowledge)
                // As many come together under load, at a moderate prefetch.
                guard number.isMultiple(of: 10) else { continue }
                for frame in ledger.flush() { try encoder.method(frame, on: 1) }
                unsafe encoder.drain { $0.count }
            }
        }
    }

    /// A delivery into an event's envelope.
    static func envelopeDecoding() throws -> Cost {
        let delivery = try Sample.delivered()
        return Cost(name: "envelope decode") { count in
            for _ in 0..<count { _ = try EnvelopeCodec.decode(delivery) }
        }
    }
}
