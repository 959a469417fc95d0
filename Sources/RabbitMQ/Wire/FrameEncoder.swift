internal import CRabbitMQ

/// Turns methods and messages into frames in one output buffer, with librabbitmq's encoders.
///
/// Lives and dies on the thread that owns the connection.
struct FrameEncoder: ~Copyable, FrameSink {
    private var output = OutputBuffer()
    private var pool = WirePool()

    /// Largest frame in bytes, as agreed with the broker.
    var frameMax = 4096

    /// Type, channel and size before the payload, the end mark after it.
    ///
    /// AMQP 0-9-1 section 4.2.3.
    private static let overhead = 8
    private static let frameEnd: UInt8 = 0xCE

    var isFull: Bool { output.isFull }

    /// Bytes that wait for the socket.
    var pendingCount: Int { output.count }

    /// Lends the waiting bytes to `write`, which returns how many of them are gone.
    mutating func drain(_ write: (UnsafeRawBufferPointer) -> Int) {
        guard output.count > 0 else { return }
        let sent = unsafe write(output.waiting)
        output.consumed(sent)
    }

    /// Starts afresh for a new connection, with the protocol header that opens it.
    mutating func begin() {
        output.clear()
        frameMax = 4096
        append([UInt8(ascii: "A"), UInt8(ascii: "M"), UInt8(ascii: "Q"), UInt8(ascii: "P"), 0, 0, 9, 1])
    }

    mutating func heartbeat() {
        frame(type: UInt8(AMQP_FRAME_HEARTBEAT), channel: 0, payload: [])
    }

    mutating func method(_ method: OutboundMethod, on channel: UInt16) throws(RabbitMQError) {
        defer { pool.recycle() }
        let limit = frameMax
        let before = output.count
        let encoded = unsafe WireMethod.encode(method, in: &pool) { number, arguments in
            unsafe Self.appendMethod(number, arguments, channel: channel, limit: limit, to: &output)
        }
        guard encoded, !pool.hasOverlongName else {
            output.uncommit(to: before)
            throw Self.tooLarge("a method")
        }
    }

    mutating func publish(_ message: OutgoingMessage, on channel: UInt16) throws(RabbitMQError) {
        defer { pool.recycle() }
        var publish = unsafe amqp_basic_publish_t()
        unsafe publish.exchange = pool.bytes(message.exchange)
        unsafe publish.routing_key = pool.bytes(message.routingKey)
        unsafe publish.mandatory = 1
        let before = output.count
        let number = UInt32(AMQP_BASIC_PUBLISH_METHOD)
        guard unsafe Self.appendMethod(number, &publish, channel: channel, limit: frameMax, to: &output),
            header(of: message, channel: channel), !pool.hasOverlongName
        else {
            output.uncommit(to: before)
            throw Self.tooLarge("the properties of a message")
        }
        body(message.body, channel: channel)
    }

    private static func appendMethod(
        _ number: UInt32,
        _ arguments: UnsafeMutableRawPointer,
        channel: UInt16,
        limit: Int,
        to output: inout OutputBuffer
    ) -> Bool {
        let frame = unsafe output.reserve(limit)
        let space = unsafe amqp_bytes_t(len: limit - 12, bytes: frame.baseAddress?.advanced(by: 11))
        let length = unsafe amqp_encode_method(number, arguments, space)
        guard length >= 0 else { return false }
        unsafe frame.storeBytes(of: number.bigEndian, toByteOffset: 7, as: UInt32.self)
        unsafe seal(
            frame,
            type: UInt8(AMQP_FRAME_METHOD),
            channel: channel,
            payload: Int(length) + 4,
            in: &output
        )
        return true
    }

    private mutating func header(of message: OutgoingMessage, channel: UInt16) -> Bool {
        var properties = unsafe WireMethod.properties(message.properties, in: &pool)
        let frame = unsafe output.reserve(frameMax)
        let space = unsafe amqp_bytes_t(len: frameMax - 20, bytes: frame.baseAddress?.advanced(by: 19))
        let length = unsafe amqp_encode_properties(UInt16(AMQP_BASIC_CLASS), &properties, space)
        guard length >= 0 else { return false }
        unsafe frame.storeBytes(of: UInt16(AMQP_BASIC_CLASS).bigEndian, toByteOffset: 7, as: UInt16.self)
        unsafe frame.storeBytes(of: UInt16(0), toByteOffset: 9, as: UInt16.self)
        unsafe frame.storeBytes(of: UInt64(message.body.count).bigEndian, toByteOffset: 11, as: UInt64.self)
        unsafe Self.seal(
            frame,
            type: UInt8(AMQP_FRAME_HEADER),
            channel: channel,
            payload: Int(length) + 12,
            in: &output
        )
        return true
    }

    private mutating func body(_ body: [UInt8], channel: UInt16) {
        var rest = body[...]
        while !rest.isEmpty {
            let fragment = rest.prefix(frameMax - Self.overhead)
            frame(type: UInt8(AMQP_FRAME_BODY), channel: channel, payload: fragment)
            rest = rest.dropFirst(fragment.count)
        }
    }

    private mutating func frame(type: UInt8, channel: UInt16, payload: ArraySlice<UInt8>) {
        let frame = unsafe output.reserve(payload.count + Self.overhead)
        unsafe payload.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: frame[7...]).copyMemory(from: bytes)
        }
        unsafe Self.seal(frame, type: type, channel: channel, payload: payload.count, in: &output)
    }

    /// Writes what surrounds a payload that is already in place.
    private static func seal(
        _ frame: UnsafeMutableRawBufferPointer,
        type: UInt8,
        channel: UInt16,
        payload: Int,
        in output: inout OutputBuffer
    ) {
        unsafe frame.storeBytes(of: type, as: UInt8.self)
        unsafe frame.storeBytes(of: channel.bigEndian, toByteOffset: 1, as: UInt16.self)
        unsafe frame.storeBytes(of: UInt32(payload).bigEndian, toByteOffset: 3, as: UInt32.self)
        unsafe frame.storeBytes(of: frameEnd, toByteOffset: 7 + payload, as: UInt8.self)
        output.commit(payload + overhead)
    }

    private mutating func append(_ bytes: [UInt8]) {
        let space = unsafe output.reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { unsafe space.copyMemory(from: $0) }
        output.commit(bytes.count)
    }

    private static func tooLarge(_ what: String) -> RabbitMQError {
        RabbitMQError(
            .malformed,
            during: .publish,
            "\(what) does not fit into a frame, or a name is over 255 bytes"
        )
    }
}
