/// The bytes to and from one broker: a socket, with TLS on it where the endpoint asks for that.
///
/// Never blocks; lives and dies on the owning thread. The end of the value closes the socket, with TLS's goodbye where
/// the socket takes it at once.
struct Transport: ~Copyable {
    private let socket: StreamSocket
    private var session: SecureSession?
    /// The socket failed to send; what it still has to read says why, where TLS refused us.
    private var sendFailure: RabbitMQError?

    /// Full buffers of sealed bytes that one call sends, 1 MiB.
    private static let buffersPerSend = 4
    /// Sealed bytes of one read: what is left of the buffer takes a record that began before.
    private static let largestRead = 224 << 10

    /// Begins to connect; with `security`, to `host` over TLS.
    init(
        to address: SocketAddress,
        host: String,
        security: SecureMaterial?
    ) throws(RabbitMQError) {
        var session: SecureSession?
        if let security { session = try SecureSession(with: host, security) }
        socket = try StreamSocket(connectingTo: address)
        self.session = session
    }

    deinit {
        switch session {
        case .some(let session): session.farewell(over: socket)
        case .none: break
        }
    }

    var descriptor: Int32 { socket.descriptor }

    /// Whether TLS was asked for.
    var usesTLS: Bool { session != nil }

    /// Whether TLS is still being agreed, so that nothing of AMQP can travel.
    var isSecuring: Bool {
        switch session {
        case .some(let session): !session.isEstablished
        case .none: false
        }
    }

    /// Whether sealed bytes wait for the socket.
    var hasSealedBytes: Bool {
        switch session {
        case .some(let session): session.sealedCount > 0
        case .none: false
        }
    }

    /// How the attempt to connect ended, once the socket is writable.
    /// - Throws: `unreachable`.
    func finishConnecting() throws(RabbitMQError) {
        try socket.finishConnecting()
    }

    /// Writes what waits in the encoder, as much as the socket takes.
    mutating func send(_ encoder: inout FrameEncoder) -> StreamSocket.Dispatch {
        guard session != nil else { return socket.send(&encoder) }
        var total = 0
        for _ in 0..<Self.buffersPerSend {
            do throws(RabbitMQError) {
                try session?.advance()
                try session?.seal(&encoder)
            } catch {
                return .failed(lastWord(error))
            }
            switch session?.flush(to: socket) {
            case .sent(let count): total += count
            case .failed(let error): return failedToSend(error)
            case nil: break
            }
            guard !hasSealedBytes, encoder.pendingCount > 0, !isSecuring else { break }
        }
        return .sent(total)
    }

    /// Reads what is there, once.
    ///
    /// 0 bytes are a sign of life: a part of a record, or of TLS's own.
    mutating func receive(into buffer: borrowing ReceiveBuffer) -> StreamSocket.Receipt {
        guard session != nil else { return socket.receive(into: buffer) }
        // The sealed bytes are copied out of the buffer before the plain ones are written into it.
        let receipt = socket.receive(into: buffer, atMost: Self.largestRead)
        guard case .bytes(let count) = receipt else {
            if let sendFailure { return .failed(sendFailure) }
            return receipt
        }
        do throws(RabbitMQError) {
            return try opened(buffer, sealedCount: count)
        } catch {
            return .failed(lastWord(error))
        }
    }

    private mutating func opened(
        _ buffer: borrowing ReceiveBuffer,
        sealedCount: Int
    ) throws(RabbitMQError) -> StreamSocket.Receipt {
        try unsafe session?.feed(UnsafeRawBufferPointer(rebasing: buffer.space[..<sealedCount]))
        try session?.advance()
        guard !isSecuring else { return .bytes(0) }
        switch try unsafe session?.open(into: buffer.space) {
        case nil: return .nothing
        case .end(after: 0): return .end
        case .bytes(let count), .end(after: let count): return .bytes(count)
        }
    }

    /// Sends the alert that tells the broker's log what we think of it, where the socket takes it.
    private mutating func lastWord(_ error: RabbitMQError) -> RabbitMQError {
        _ = session?.flush(to: socket)
        return error
    }

    /// In TLS 1.3 the broker judges our certificate after the handshake has ended for us, and then closes: what it
    /// said is still to be read, so the first failure to send is not the last word.
    private mutating func failedToSend(_ error: RabbitMQError) -> StreamSocket.Dispatch {
        guard session?.isProven == false, sendFailure == nil else { return .failed(error) }
        sendFailure = error
        return .sent(0)
    }
}
