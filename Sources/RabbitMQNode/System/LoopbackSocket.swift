import Glibc

/// A TCP socket on 127.0.0.1 that never blocks.
///
/// Closed when it goes out of scope. Owned by one task at a time.
struct LoopbackSocket: ~Copyable {
    private let descriptor: Int32

    init?() {
        descriptor = LoopbackAddress.stream()
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether nothing listens on the port, neither on 127.0.0.1 nor on every address.
    borrowing func canListen(on port: UInt16) -> Bool {
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        return unsafe LoopbackAddress.with(port) { unsafe bind(descriptor, $0, $1) } == 0
    }

    /// Begins to connect.
    ///
    /// - Returns: False when the connection was refused at once.
    borrowing func connect(to port: UInt16) -> Bool {
        unsafe LoopbackAddress.with(port) { unsafe Glibc.connect(descriptor, $0, $1) } == 0
            || errno == EINPROGRESS
    }

    /// What became of bytes to send.
    enum Sending {
        case sent
        /// The connection is still being made.
        case notYet
        case broken
    }

    /// Sends bytes, at most a few hundred, which always fit the kernel's buffer.
    borrowing func send(_ bytes: [UInt8]) -> Sending {
        let sent = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if sent == bytes.count { return .sent }
        return errno == EAGAIN || errno == ENOTCONN ? .notYet : .broken
    }

    /// Receives what is there, at most 16 KiB.
    ///
    /// - Returns: Nil when nothing has come yet, an empty array when the connection has ended.
    borrowing func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { return errno == EAGAIN ? nil : [] }
        return Array(buffer.prefix(count))
    }
}
