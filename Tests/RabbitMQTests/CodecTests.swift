import Testing

@testable import RabbitMQ

@Suite("The codec")
struct CodecTests {
    /// Everything the encoder wrote, decoded again in pieces of `step` bytes.
    private func roundTrip(
        step: Int,
        _ write: (inout FrameEncoder) throws(RabbitMQError) -> Void
    ) throws -> [InboundFrame] {
        var encoder = FrameEncoder()
        encoder.frameMax = 4096
        try write(&encoder)
        var bytes: [UInt8] = []
        unsafe encoder.drain { waiting in
            unsafe bytes.append(contentsOf: waiting)
            return waiting.count
        }
        var decoder = FrameDecoder()
        var frames: [InboundFrame] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            let piece = bytes[start..<min(start + step, bytes.count)]
            try unsafe piece.withUnsafeBytes { buffer in
                try unsafe decoder.decode(buffer) { frames.append($0) }
            }
        }
        return frames
    }

    @Test(
        "properties, headers and bodies survive, however the bytes are cut",
        arguments: [1, 7, 4096, 1_000_000]
    )
    func publish(step: Int) throws {
        var properties = MessageProperties(
            contentType: "application/json",
            headers: ["a": .table(["b": .array([1, "x", .void, .timestamp(7)])]), "c": .uint64(.max)],
            deliveryMode: .persistent,
            correlationID: "c",
            messageID: "m",
            timestamp: 123,
            type: "t",
            appID: "app"
        )
        properties.contentEncoding = "gzip"
        properties.priority = 0
        properties.replyTo = "r"
        properties.expiration = "1000"
        properties.userID = "guest"
        properties.clusterID = ""
        let body = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        let message = OutgoingMessage(exchange: "e", routingKey: "k", properties: properties, body: body)
        let frames = try roundTrip(step: step) { (encoder) throws(RabbitMQError) in
            try encoder.publish(message, on: 1)
            encoder.heartbeat()
        }
        guard case .header(1, 10_000, let decoded) = frames[1] else {
            return #expect(Bool(false), "\(frames[1])")
        }
        #expect(decoded == properties)
        let bodies = frames.flatMap { if case .body(1, let bytes) = $0 { bytes } else { [UInt8]() } }
        #expect(bodies == body)
        #expect(frames.last == .heartbeat)
    }

    @Test(
        "each message has its own headers and content type, however much they are like those of the one before"
    )
    func alike() throws {
        let long = String(repeating: "n", count: 200)
        let tables: [FieldTable] = [
            ["cloudEvents_subject": "one", "cloudEvents_source": "two"],
            ["cloudEvents_source": "two", "cloudEvents_subject": "one"],
            ["cloudEvents_sourcf": "other", "cloudEvents_subject": "one", "a name of more than 15": 1],
            [:],
            ["cloudEvents_sourcf": .table(["cloudEvents_subject": "inner"]), "short": true],
            [long: "x", "cloudEvents_subjecü": "umlaut"],
            ["\(long)n": "x", "cloudEvents_subject": "one"],
            FieldTable((0..<100).map { .init(name: "a header with number \($0)", value: .int64($0)) }),
            FieldTable((1..<101).map { .init(name: "a header with number \($0)", value: .int64($0)) }),
        ]
        let types = [
            "application/json", "application/xml+", nil, "application/json", "text/plain; charset=utf-8",
        ]
        let messages = tables.enumerated()
            .map { index, table in
                MessageProperties(contentType: types[index % types.count], headers: table)
            }
        let frames = try roundTrip(step: 512) { (encoder) throws(RabbitMQError) in
            for properties in messages + messages {
                let message = OutgoingMessage(exchange: "", routingKey: "", properties: properties, body: [])
                try encoder.publish(message, on: 1)
            }
        }
        let decoded = frames.compactMap {
            if case .header(_, _, let properties) = $0 { properties } else { nil }
        }
        #expect(decoded == messages + messages)
    }

    @Test("headers that repeat the message's id, or nearly, are what they were")
    func repeated() throws {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057"
        let other = "01890a5d-ac96-774b-bcce-b302099a8058"
        let tables: [FieldTable] = [
            ["id": .string(id), "subject": .string(other), "next": "01890a5d-ac96-774b-bcce-b302099a8059"],
            ["id": .bytes(Array(id.utf8)), "subject": .rawString(Array(id.utf8.dropLast()) + [0xC3])],
        ]
        let frames = try roundTrip(step: 4096) { (encoder) throws(RabbitMQError) in
            for table in tables {
                let properties = MessageProperties(headers: table, correlationID: other, messageID: id)
                let message = OutgoingMessage(exchange: "", routingKey: "", properties: properties, body: [])
                try encoder.publish(message, on: 1)
            }
        }
        let decoded = frames.compactMap { frame -> FieldTable? in
            if case .header(_, _, let properties) = frame { properties.headers } else { nil }
        }
        #expect(decoded == tables)
    }

    @Test("text that is no UTF-8 keeps its bytes as a value")
    func rawText() throws {
        let table: FieldTable = ["raw": .rawString([0xC3, 0x28]), "empty": "", "umlaut": "ü", "nul": "a\0b"]
        let message = OutgoingMessage(
            exchange: "",
            routingKey: "",
            properties: MessageProperties(headers: table),
            body: []
        )
        let frames = try roundTrip(step: 64) { (encoder) throws(RabbitMQError) in
            try encoder.publish(message, on: 1)
        }
        guard case .header(_, 0, let decoded) = frames[1] else { return #expect(Bool(false), "\(frames[1])") }
        #expect(decoded.headers == table)
    }

    @Test("random tables survive", arguments: 0..<100)
    func tables(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let table = FieldTable.random(depth: 3, &random)
        let properties = MessageProperties(headers: table)
        let message = OutgoingMessage(exchange: "", routingKey: "", properties: properties, body: [])
        let frames = try roundTrip(step: 64) { (encoder) throws(RabbitMQError) in
            try encoder.publish(message, on: 1)
        }
        guard case .header(_, 0, let decoded) = frames[1] else { return #expect(Bool(false), "\(frames[1])") }
        #expect(decoded.headers == table)
    }

    @Test("what does not fit is refused and leaves nothing behind")
    func tooLarge() throws {
        var encoder = FrameEncoder()
        encoder.frameMax = 4096
        let long = String(repeating: "x", count: 5000)
        let properties = MessageProperties(headers: ["long": .string(long)])
        let message = OutgoingMessage(exchange: "", routingKey: "", properties: properties, body: [1])
        #expect(throws: RabbitMQError.self) { try encoder.publish(message, on: 1) }
        let name = OutgoingMessage(
            exchange: String(repeating: "e", count: 256),
            routingKey: "",
            properties: MessageProperties(),
            body: []
        )
        #expect(throws: RabbitMQError.self) { try encoder.publish(name, on: 1) }
        let headers: FieldTable = ["outer": .table([String(repeating: "n", count: 300): 1])]
        let field = OutgoingMessage(
            exchange: "",
            routingKey: "",
            properties: MessageProperties(headers: headers),
            body: []
        )
        #expect(throws: RabbitMQError.self) { try encoder.publish(field, on: 1) }
        #expect(encoder.pendingCount == 0)
    }
}
