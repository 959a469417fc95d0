@testable import RabbitMQ

/// What a broker sends, whole and in pieces; and what this client writes, read again.
enum FramesFuzzer {
    static func run(_ bytes: [UInt8]) throws {
        guard let choice = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        if choice & 1 == 0 {
            let whole = try read(rest, step: rest.count, isTuned: choice & 2 != 0)
            let pieces = try read(rest, step: Int(choice >> 2) + 1, isTuned: choice & 2 != 0)
            try promise(whole == pieces, "cut into pieces it reads as something else")
        } else {
            try roundTrip(rest)
        }
    }

    /// Every frame and content as text, and how it ended; text, for a number that is none is unlike itself.
    private static func read(_ bytes: [UInt8], step: Int, isTuned: Bool) throws -> [String] {
        var decoder = FrameDecoder()
        var assembly = ContentAssembly()
        var seen: [String] = []
        for start in stride(from: 0, to: bytes.count, by: max(step, 1)) {
            let piece = bytes[start..<min(start + max(step, 1), bytes.count)]
            // Who speaks another protocol is not listened to any more.
            guard seen.last != "\(InboundFrame.protocolHeader)" else { return seen }
            do throws(RabbitMQError) {
                try decode(piece, &decoder) { (frame) throws(RabbitMQError) in
                    seen.append(text(of: frame))
                    if let content = try take(frame, &assembly) {
                        seen.append("\(content.body.count) \(content.deliveryNumber ?? 0)")
                    }
                }
            } catch {
                try promiseOneLine(error.detail, "the error")
                return seen + [error.detail]
            }
            if isTuned { decoder.tune(frameMax: 4_096) }
        }
        return seen
    }

    /// Everything in it, properties and headers among it, which nobody has read yet.
    private static func text(of frame: InboundFrame) -> String {
        guard case .header(let channel, let size, let properties) = frame else { return "\(frame)" }
        let headers = properties.headers
        let found = headers.entries.map { "\(headers[$0.name].map { "\($0)" } ?? "nothing")" }
        return "\(channel) \(size) \(properties.fields) \(headers.entries) \(found)"
    }

    private static func decode(
        _ piece: ArraySlice<UInt8>,
        _ decoder: inout FrameDecoder,
        _ body: (InboundFrame) throws(RabbitMQError) -> Void
    ) throws(RabbitMQError) {
        let result: Result<Void, RabbitMQError> = unsafe piece.withUnsafeBytes { buffer in
            do throws(RabbitMQError) {
                try unsafe decoder.decode(buffer, body)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private static func take(
        _ frame: InboundFrame,
        _ assembly: inout ContentAssembly
    ) throws(RabbitMQError) -> ContentAssembly.Content? {
        switch frame {
        case .method(_, let method):
            if method.carriesContent { try assembly.begin(method) }
            return nil
        case .header(_, let size, let properties): return try assembly.header(size: size, properties)
        case .body(_, let bytes): return try assembly.body(bytes)
        case .heartbeat, .protocolHeader: return nil
        }
    }

    private static func roundTrip(_ bytes: [UInt8]) throws {
        var feed = ByteFeed(bytes)
        let properties = feed.properties()
        let message = OutgoingMessage(
            exchange: feed.text(),
            routingKey: feed.text(),
            properties: properties,
            body: feed.remainder()
        )
        var encoder = FrameEncoder()
        encoder.frameMax = 4_096
        do throws(RabbitMQError) {
            try encoder.publish(message, on: 1)
        } catch {
            try promise(encoder.pendingCount == 0, "something refused leaves bytes behind")
            return
        }
        var written: [UInt8] = []
        unsafe encoder.drain { waiting in
            unsafe written.append(contentsOf: waiting)
            return waiting.count
        }
        var decoder = FrameDecoder()
        var headers: [MessageProperties] = []
        var body: [UInt8] = []
        try decode(written[...], &decoder) { (frame) throws(RabbitMQError) in
            if case .header(_, let size, let properties) = frame, size == message.body.count {
                headers.append(properties)
            }
            if case .body(_, let bytes) = frame { body += bytes }
        }
        try promise(headers == [properties], "other properties after the wire: \(properties) \(headers)")
        try promise(body == message.body, "another body after the wire")
    }
}
