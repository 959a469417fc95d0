internal import Glibc

/// A TCP socket that never blocks.
///
/// Lives and dies on the owning thread; closed when it goes out of scope.
struct StreamSocket: ~Copyable {
    /// What one read brought.
    enum Receipt: Equatable {
        /// From TLS also 0: something came that is nothing for AMQP yet.
        case bytes(Int)
        /// Nothing there now.
        case nothing
        /// The peer closed its side.
        case end
        case failed(RabbitMQError)
    }

    /// What one write took.
    enum Dispatch: Equatable {
        /// 0 when the socket is full.
        case sent(Int)
        case failed(RabbitMQError)
    }

    let descriptor: Int32

    /// Begins to connect; the socket is writable when the attempt has ended.
    /// - Throws: `unreachable` where the system refuses at once.
    init(connectingTo address: SocketAddress) throws(RabbitMQError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw Self.unreachable(errno) }
        // Small frames leave at once: confirms and acknowledgements are what somebody waits for.
        var on: Int32 = 1
        _ = unsafe setsockopt(
            descriptor,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &on,
            socklen_t(MemoryLayout<Int32>.size)
        )
        let status = unsafe address.bytes.withUnsafeBytes { bytes -> Int32 in
            guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return -1
            }
            return unsafe Glibc.connect(descriptor, base, socklen_t(bytes.count))
        }
        guard status == 0 || errno == EINPROGRESS else {
            let number = errno
            Glibc.close(descriptor)
            throw Self.unreachable(number)
        }
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// How the attempt to connect ended, once the socket is writable.
    /// - Throws: `unreachable`.
    func finishConnecting() throws(RabbitMQError) {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
        guard number == 0 else { throw Self.unreachable(number) }
    }

    /// Reads what is there, up to `limit` bytes and what the buffer holds.
    func receive(into buffer: borrowing ReceiveBuffer, atMost limit: Int = .max) -> Receipt {
        let room = unsafe min(buffer.space.count, limit)
        let count = unsafe recv(descriptor, buffer.space.baseAddress, room, Int32(MSG_DONTWAIT))
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        switch errno {
        case EAGAIN, EWOULDBLOCK, EINTR: return .nothing
        default: return .failed(Self.broken(errno))
        }
    }

    /// Writes what waits in the encoder, as much as the socket takes; a failed socket takes nothing.
    func send(_ encoder: inout FrameEncoder) -> Dispatch {
        var dispatch = Dispatch.sent(0)
        unsafe encoder.drain { bytes in
            dispatch = unsafe send(bytes)
            return if case .sent(let count) = dispatch { count } else { 0 }
        }
        return dispatch
    }

    /// Writes bytes, as many as the socket takes.
    func send(_ bytes: UnsafeRawBufferPointer) -> Dispatch {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        if count >= 0 { return .sent(count) }
        switch errno {
        case EAGAIN, EWOULDBLOCK, EINTR: return .sent(0)
        default: return .failed(Self.broken(errno))
        }
    }

    private static func broken(_ number: Int32) -> RabbitMQError {
        RabbitMQError(.unreachable, during: .run, text(number))
    }

    private static func unreachable(_ number: Int32) -> RabbitMQError {
        RabbitMQError(.unreachable, during: .connect, text(number))
    }

    private static func text(_ number: Int32) -> String {
        unsafe String(cString: strerror(number))
    }
}
