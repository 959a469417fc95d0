import CLinux
import Glibc

/// An address of a server, resolved.
struct ServerAddress: Sendable {
    fileprivate let family: Int32
    /// A `sockaddr` of that family, as the system wrote it.
    fileprivate let bytes: [UInt8]

    /// Asks the system's resolver for the first address that takes a connection of its kind.
    ///
    /// Blocks, for a name as long as the resolver takes.
    /// - Returns: Every address, in the resolver's order; none where the name is unknown.
    static func resolve(_ host: String, port: UInt16) -> [ServerAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [ServerAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            let length = unsafe Int(entry.pointee.ai_addrlen)
            let bytes = unsafe Array(UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: length))
            unsafe addresses.append(ServerAddress(family: entry.pointee.ai_family, bytes: bytes))
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}

/// A TCP connection that never blocks.
///
/// Lives on one thread; closed when it goes out of scope.
final class NonBlockingStream {
    /// What one read brought.
    enum Receipt: Equatable {
        case bytes(Int)
        /// Nothing there now.
        case nothing
        /// The peer sends no more, or the connection is gone.
        case ended
    }

    let descriptor: Int32

    /// Begins to connect; writable when it is connected.
    ///
    /// `nil` where the system refuses at once.
    init?(connectingTo address: ServerAddress) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { return nil }
        var yes: Int32 = 1
        // A request leaves when it is written.
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
        let status = unsafe address.bytes.withUnsafeBytes { bytes in
            unsafe bytes.withMemoryRebound(to: sockaddr.self) {
                unsafe connect(descriptor, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        guard status == 0 || errno == EINPROGRESS else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
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

    /// Reads once.
    ///
    /// - Parameters:
    ///   - bytes: Has room behind `start`.
    ///   - start: Where the first byte goes.
    /// - Returns: How much came.
    func receive(into bytes: inout [UInt8], from start: Int) -> Receipt {
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
            return unsafe recv(descriptor, rest.baseAddress, rest.count, 0)
        }
        if count > 0 { return .bytes(count) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .ended
    }

    /// Sends what the socket takes.
    ///
    /// - Returns: How much, 0 when it is full, `nil` when the connection is gone.
    func send(_ bytes: [UInt8], from start: Int) -> Int? {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
            return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }
}
