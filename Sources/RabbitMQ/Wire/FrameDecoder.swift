internal import CRabbitMQ

/// Turns the broker's bytes into frames, with librabbitmq's decoder.
///
/// Holds a connection state without a socket: the library never reads or writes. Lives on the owning thread.
@safe struct FrameDecoder: ~Copyable {
    private let state: amqp_connection_state_t
    /// What the library takes before anything is agreed.
    private var frameMax = 65_536
    private var hasDecoded = false
    /// The beginning of a frame whose end has not arrived.
    private var rest: [UInt8] = []
    private var seen = SeenTexts()
    private let readsHeaders: Bool

    /// - Parameter readsHeaders: False leaves the headers of every message empty, for who looks at none.
    /// - Throws: `malformed` where there is no memory for a connection state.
    init(readsHeaders: Bool = true) throws(RabbitMQError) {
        guard let state = unsafe amqp_new_connection() else {
            throw RabbitMQError(.malformed, during: .connect, "no memory for a decoder")
        }
        unsafe self.state = state
        self.readsHeaders = readsHeaders
    }

    deinit {
        _ = unsafe amqp_destroy_connection(state)
    }

    /// Takes the agreed frame size; larger frames are refused from then on.
    ///
    /// Before the first frame there is nothing agreed, and the library aborts on being asked; then nothing happens.
    mutating func tune(frameMax: Int) {
        guard hasDecoded else { return }
        // The broker adds headers of its own (x-death, x-delivery-count) to messages that filled a frame exactly.
        self.frameMax = frameMax + 65_536
        _ = unsafe amqp_tune_connection(state, 8, Int32(self.frameMax), 0)
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
        defer { unsafe amqp_maybe_release_buffers(state) }
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

    /// Decodes exactly one whole frame, so that the library is idle before and after.
    private mutating func decodeOne(_ bytes: Span<UInt8>) throws(RabbitMQError) -> InboundFrame {
        var frame = unsafe amqp_frame_t()
        var offset = 0
        while offset < bytes.count {
            let piece = bytes.extracting(offset..<bytes.count)
            let used = unsafe piece.withUnsafeBufferPointer { buffer in
                let start = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
                return unsafe amqp_handle_input(state, amqp_bytes_t(len: buffer.count, bytes: start), &frame)
            }
            guard used > 0 else {
                throw RabbitMQError(
                    .malformed,
                    during: .run,
                    unsafe String(cString: amqp_error_string2(used))
                )
            }
            offset += Int(used)
        }
        hasDecoded = true
        return unsafe copied(&frame)
    }

    private mutating func copied(_ frame: inout amqp_frame_t) -> InboundFrame {
        let channel = unsafe frame.channel
        switch unsafe Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return unsafe .method(channel: channel, WireFrame.method(&frame, &seen))
        case AMQP_FRAME_HEADER:
            let source = unsafe crabbitmq_properties(&frame).pointee
            let properties = unsafe WireValues.properties(source, withHeaders: readsHeaders, &seen)
            return unsafe .header(channel: channel, bodySize: frame.payload.properties.body_size, properties)
        case AMQP_FRAME_BODY:
            return unsafe .body(channel: channel, WireValues.octets(frame.payload.body_fragment))
        case AMQP_FRAME_HEARTBEAT:
            return .heartbeat
        default:
            return .protocolHeader
        }
    }
}
