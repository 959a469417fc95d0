internal import CRabbitMQ

/// Turns the broker's bytes into frames: methods with librabbitmq's decoder, content as it lies.
///
/// The library sees the arguments of one method, checked outlines around them, and holds no state between. Lives on the
/// owning thread.
@safe struct FrameDecoder: ~Copyable {
    /// What is taken before anything is agreed.
    private var frameMax = 65_536
    private var hasDecoded = false
    /// The beginning of a frame whose end has not arrived.
    private var rest: [UInt8] = []
    /// For the structures of the methods in one call.
    private var pool = WirePool()

    /// Takes the agreed frame size; larger frames are refused from then on.
    ///
    /// Before the first frame there is nothing agreed; then nothing happens.
    mutating func tune(frameMax: Int) {
        guard hasDecoded else { return }
        // The broker adds headers of its own (x-death, x-delivery-count) to messages that filled a frame exactly.
        self.frameMax = frameMax + 65_536
    }

    /// Decodes the first `count` bytes of a buffer; see ``decode(_:_:)``.
    mutating func decode(
        _ buffer: borrowing ReceiveBuffer,
        count: Int,
        _ body: (consuming InboundFrame) throws(RabbitMQError) -> Void
    ) throws(RabbitMQError) {
        try unsafe decode(UnsafeRawBufferPointer(rebasing: buffer.space[..<count]), body)
    }

    /// Decodes everything in `bytes` and hands out each complete frame; the rest is kept for the next call.
    /// - Throws: `malformed` for what is not AMQP, and what `body` throws. The decoder is then of no more use.
    mutating func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (consuming InboundFrame) throws(RabbitMQError) -> Void
    ) throws(RabbitMQError) {
        guard rest.isEmpty else {
            unsafe rest.append(contentsOf: bytes)
            var joined: [UInt8] = []
            swap(&joined, &rest)
            return try decodeFrames(joined.span, body)
        }
        try unsafe decodeFrames(bytes.assumingMemoryBound(to: UInt8.self).span, body)
    }

    private mutating func decodeFrames(
        _ bytes: Span<UInt8>,
        _ body: (consuming InboundFrame) throws(RabbitMQError) -> Void
    ) throws(RabbitMQError) {
        // Everything wanted is copied by the time this returns.
        defer { pool.recycle() }
        var offset = 0
        while offset < bytes.count {
            let waiting = bytes.extracting(offset..<bytes.count)
            switch FrameBoundary.find(in: waiting, frameMax: frameMax) {
            case .incomplete:
                unsafe waiting.withUnsafeBufferPointer { unsafe rest.append(contentsOf: $0) }
                return
            case .protocolHeader: return try body(.protocolHeader)
            case .malformed(let reason): throw RabbitMQError(.malformed, during: .run, reason)
            case .frame(let size):
                try body(decodeOne(waiting.extracting(0..<size)))
                offset += size
            }
        }
    }

    /// Decodes exactly one whole frame, whose outline was checked.
    private mutating func decodeOne(_ bytes: Span<UInt8>) throws(RabbitMQError) -> InboundFrame {
        hasDecoded = true
        let channel = UInt16(bytes[1]) << 8 | UInt16(bytes[2])
        let payload = bytes.extracting(7..<bytes.count - 1)
        switch bytes[0] {
        case UInt8(AMQP_FRAME_METHOD):
            return .method(channel: channel, try method(payload))
        case UInt8(AMQP_FRAME_HEADER):
            let size = UInt64(UInt(bitPattern: FrameBoundary.integer(payload, at: 4, count: 8)))
            guard let properties = EncodedProperties(Self.octets(payload.extracting(12..<payload.count)))
            else {
                throw RabbitMQError(.malformed, during: .run, "properties that go beyond their frame")
            }
            return .header(channel: channel, bodySize: size, MessageProperties(properties))
        case UInt8(AMQP_FRAME_BODY):
            return .body(channel: channel, Self.octets(payload))
        default:
            return .heartbeat
        }
    }

    private mutating func method(_ payload: Span<UInt8>) throws(RabbitMQError) -> InboundMethod {
        let number = UInt32(FrameBoundary.integer(payload, at: 0, count: 4))
        let arguments = payload.extracting(4..<payload.count)
        var fields: UnsafeMutableRawPointer?
        let status = unsafe arguments.withUnsafeBufferPointer { buffer in
            let start = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
            return unsafe pool.decode(number, amqp_bytes_t(len: buffer.count, bytes: start), &fields)
        }
        guard status == AMQP_STATUS_OK.rawValue, let fields = unsafe fields else {
            let reason = unsafe String(cString: amqp_error_string2(status))
            throw RabbitMQError(.malformed, during: .run, reason)
        }
        return unsafe WireFrame.method(number, fields)
    }

    private static func octets(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
}
