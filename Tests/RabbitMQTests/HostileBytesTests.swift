import Testing

@testable import RabbitMQ

@Suite("Bytes that no broker sends")
struct HostileBytesTests {
    @Test("bytes that are not AMQP are an error, never a crash", arguments: 0..<20)
    func garbage(block: UInt64) throws {
        for seed in block * 100..<block * 100 + 100 { try decodeGarbage(seed: seed) }
    }

    private func decodeGarbage(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var decoder = FrameDecoder()
        var bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
        // Half of them look like a frame at first.
        if seed.isMultiple(of: 2) {
            bytes.replaceSubrange(0..<7, with: [UInt8(1 + seed % 3), 0, 1, 0, 0, 0, 200])
        }
        var frames = 0
        try? unsafe bytes.withUnsafeBytes { buffer in
            try unsafe decoder.decode(buffer) { frame in
                frames += 1
                if case .header(_, _, let properties) = frame { read(properties) }
            }
        }
        #expect(frames <= 500)
    }

    /// Makes everything that is in them.
    private func read(_ properties: MessageProperties) {
        #expect(properties == properties && properties.fields.headers == properties.headers)
        for entry in properties.headers.entries where !entry.name.unicodeScalars.contains("\u{FFFD}") {
            #expect(properties.headers[entry.name] != nil, "\(entry)")
        }
    }

    @Test(
        "a content header whose property list is anything at all is refused or can be read",
        arguments: 0..<20
    )
    func hostileProperties(block: UInt64) throws {
        var random = SeededGenerator(seed: block)
        var (accepted, refused) = (0, 0)
        for _ in 0..<200 {
            var list = try Self.propertyList(&random)
            // Whole, or with some bytes that are others, or cut off.
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let letters = Array("tbBsuIilLfdDSATFVx?\0".utf8)
                list[Int.random(in: 0..<list.count, using: &random)] =
                    Bool.random(using: &random)
                    ? .random(in: 0...255, using: &random)
                    : letters[Int.random(in: 0..<letters.count, using: &random)]
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                list.removeLast(Int.random(in: 0..<list.count - 1, using: &random))
            }
            if let properties = EncodedProperties(list) {
                accepted += 1
                read(MessageProperties(properties))
            } else {
                refused += 1
            }
        }
        #expect(accepted > 40 && refused > 20, "\(accepted) \(refused)")
    }

    /// The flags and the list of properties of which each is there or not, with a table that nests.
    private static func propertyList(_ random: inout SeededGenerator) throws -> [UInt8] {
        func text(_ random: inout SeededGenerator) -> String? {
            Bool.random(using: &random)
                ? String(repeating: "ä", count: Int.random(in: 0...9, using: &random)) : nil
        }
        var properties = MessageProperties(
            contentType: text(&random),
            headers: .random(depth: 3, &random),
            deliveryMode: Bool.random(using: &random) ? .persistent : nil,
            correlationID: text(&random),
            messageID: text(&random),
            timestamp: Bool.random(using: &random) ? 7 : nil,
            type: text(&random),
            appID: text(&random)
        )
        properties.userID = text(&random)
        properties.clusterID = text(&random)
        var encoder = FrameEncoder()
        encoder.frameMax = 131_072
        try encoder.publish(
            OutgoingMessage(exchange: "", routingKey: "", properties: properties, body: []),
            on: 1
        )
        var bytes: [UInt8] = []
        unsafe encoder.drain { waiting in
            unsafe bytes.append(contentsOf: waiting)
            return waiting.count
        }
        // basic.publish, then the header: type, channel, size, class, weight, body size, and the end mark.
        let publish = 8 + Int(bytes[5]) << 8 + Int(bytes[6])
        return Array(bytes[(publish + 19)..<(bytes.count - 1)])
    }
}
