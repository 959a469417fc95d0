internal import Glibc
internal import RabbitMQNode

/// One end of a TCP connection that never blocks.
///
/// Lives on the proxy's thread; closed when it goes out of scope.
final class LoopbackStream {
    /// What one read brought.
    enum Receipt {
        case bytes([UInt8])
        /// Nothing there now.
        case nothing
        /// The peer sends no more.
        case end
        /// The connection is gone.
        case failed
    }

    let descriptor: Int32

    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        // What drips must leave as it drips.
        var yes: Int32 = 1
        unsafe setsockopt(
            descriptor,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &yes,
            socklen_t(MemoryLayout<Int32>.size)
        )
    }

    /// Begins to connect; writable when the attempt has ended.
    ///
    /// `nil` where the system refuses at once.
    convenience init?(connectingTo port: UInt16) {
        let descriptor = LoopbackAddress.stream()
        guard descriptor >= 0 else { return nil }
        let status = unsafe LoopbackAddress.with(port) { unsafe connect(descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else {
            close(descriptor)
            return nil
        }
        self.init(adopting: descriptor)
    }

    deinit {
        close(descriptor)
    }

    /// Whether the attempt to connect succeeded, once it has ended.
    var isConnected: Bool {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
        return number == 0
    }

    func receive(upTo limit: Int) -> Receipt {
        var count = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            initialized = max(count, 0)
        }
        if count > 0 { return .bytes(bytes) }
        if count == 0 { return .end }
        return errno == EAGAIN || errno == EINTR ? .nothing : .failed
    }

    /// Sends what the socket takes.
    ///
    /// - Returns: How much, 0 when it is full, `nil` when the connection is gone.
    func send(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// Tells the peer that nothing more comes.
    func endWriting() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes the close a reset.
    func resetOnClose() {
        var atOnce = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &atOnce,
            socklen_t(MemoryLayout<linger>.size)
        )
    }
}
