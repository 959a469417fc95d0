import CLinux

/// The sockets that one thread waits for.
///
/// Tells each change once: whoever is told reads until nothing is left, or writes until the socket is full.
struct ReadinessSet: ~Copyable {
    /// What became of a socket.
    struct Change: OptionSet {
        let rawValue: UInt32
        /// There is something to read, an end or an error included.
        static let readable = Change(rawValue: UInt32(CLINUX_READABLE))
        /// There is room to write, or an attempt to connect has succeeded.
        static let writable = Change(rawValue: UInt32(CLINUX_WRITABLE))
        /// The peer sends no more, or the connection is gone.
        static let ended = Change(rawValue: UInt32(CLINUX_ENDED))
    }

    private let descriptor: Int32
    private var found = [clinux_ready](repeating: clinux_ready(token: 0, bits: 0), count: 64)

    /// Watches nothing yet; `nil` where the system has no descriptor left.
    init?() {
        let descriptor = clinux_epoll()
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Watches a socket until it is closed.
    ///
    /// - Parameters:
    ///   - stream: Of this thread.
    ///   - number: Comes back with each change.
    func watch(_ stream: NonBlockingStream, as number: Int) {
        _ = clinux_epoll_watch(descriptor, stream.descriptor, UInt32(number))
    }

    /// Sleeps until something changes or the time is over.
    ///
    /// - Parameter nanoseconds: Longest sleep; 0 only looks.
    /// - Returns: How many have changed; at most 64, the others are told next time.
    mutating func sleep(nanoseconds: Int64) -> Int {
        let capacity = Int32(found.count)
        return Int(unsafe clinux_epoll_sleep(descriptor, &found, capacity, max(nanoseconds, 0)))
    }

    /// One of those that have changed.
    func change(_ place: Int) -> (number: Int, change: Change) {
        (Int(found[place].token), Change(rawValue: found[place].bits))
    }
}
