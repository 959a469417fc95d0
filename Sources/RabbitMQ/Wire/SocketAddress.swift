internal import Glibc

/// One address that a host name stands for.
struct SocketAddress: Hashable, Sendable {
    let family: Int32
    /// A `sockaddr` of that family, as the system wrote it.
    let bytes: [UInt8]

    /// Asks the system's resolver.
    ///
    /// Blocks, for an address written as digits never, for a name as long as the resolver takes; so it runs on a
    /// thread of its own.
    /// - Throws: `unreachable` with the resolver's words.
    static func resolve(_ host: String, port: UInt16) throws(RabbitMQError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            let reason = unsafe String(cString: gai_strerror(status))
            throw RabbitMQError(.unreachable, during: .resolve, "\(host): \(reason)")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            let length = unsafe Int(entry.pointee.ai_addrlen)
            let bytes = unsafe Array(UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: length))
            unsafe addresses.append(SocketAddress(family: entry.pointee.ai_family, bytes: bytes))
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}
