import Glibc
import RabbitMQNode

/// One end of a TCP connection on 127.0.0.1, for tests of what happens to single bytes.
public final class TestStream: Sendable {
    /// How a connection ended.
    public enum Ending: Equatable, Sendable {
        /// In order: the peer sends no more.
        case end
        /// By a reset.
        case reset
    }

    private let descriptor: Int32

    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Connects.
    ///
    /// - Throws: ``NotInTime`` where nobody listens.
    public init(connectingTo port: UInt16) throws {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_INET, flags, 0)
        let status = unsafe withLoopback(port) { unsafe connect(descriptor, $0, $1) }
        guard status == 0 else { throw NotInTime(description: "port \(port) refuses") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Sends what the socket takes now.
    ///
    /// - Returns: How many bytes that was; 0 when it is full or broken.
    @discardableResult
    public func send(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        return max(unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)), 0)
    }

    /// Sends no more.
    public func endWriting() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// What has arrived and was not taken yet, at most `limit` bytes; empty when nothing has.
    public func taken(upTo limit: Int = 65_536) -> String {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe recv(descriptor, &bytes, limit, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    /// Waits for exactly so many bytes.
    public func next(_ count: Int) async throws -> String {
        var text = ""
        try await eventually(every: .milliseconds(2), "\(count) bytes come") {
            text += taken(upTo: count - text.utf8.count)
            return text.utf8.count == count
        }
        return text
    }

    /// Waits for the end, in order or not.
    ///
    /// - Returns: Everything that came before it.
    public func untilEnd() async throws -> String {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        try await eventually(every: .milliseconds(2), "the connection ends") {
            let count = unsafe recv(descriptor, &part, part.count, 0)
            bytes.append(contentsOf: part.prefix(max(count, 0)))
            return count == 0 || count < 0 && errno != EAGAIN
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for the end, past whatever still comes.
    public func ending() async throws -> Ending {
        try await eventualValue(every: .milliseconds(2), "the connection ends") {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            if count == 0 { return .end }
            return count < 0 && errno != EAGAIN ? .reset : nil
        }
    }
}

/// A port of 127.0.0.1 whose clients the test takes in one by one.
public final class TestListener: Sendable {
    /// Where it listens.
    public let port: UInt16
    private let descriptor: Int32

    /// Listens on a free port.
    public init() throws {
        port = try FreePort.reserve()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let status = unsafe withLoopback(port) { unsafe bind(descriptor, $0, $1) }
        guard status == 0, listen(descriptor, 16) == 0 else {
            throw NotInTime(description: "port \(port) is taken")
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(descriptor)
    }

    /// Waits for the next client.
    public func next() async throws -> TestStream {
        try await eventualValue(every: .milliseconds(2), "a client connects") {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else { return nil }
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            return TestStream(adopting: client)
        }
    }
}

private func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return unsafe withUnsafePointer(to: address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
