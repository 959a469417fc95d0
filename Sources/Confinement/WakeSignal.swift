internal import CLinux

/// Wakes a thread that sleeps in `poll`.
///
/// Any thread may raise it; only the owning thread lowers it and sleeps on it.
/// Raising twice before it is lowered is the same as raising once.
public final class WakeSignal: Sendable {
    /// What ended a sleep; several may hold at once, none means that the time was over.
    public struct Wakeup: OptionSet, Sendable {
        /// The bits as ``WakeSignal/sleep(until:watching:forWriting:)`` reports them.
        public let rawValue: Int32
        /// Creates a set from its bits.
        public init(rawValue: Int32) { self.rawValue = rawValue }
        /// The socket has bytes, an end or an error to read.
        public static let readable = Wakeup(rawValue: CLINUX_READABLE)
        /// The socket takes bytes again, or its connection attempt has ended.
        public static let writable = Wakeup(rawValue: CLINUX_WRITABLE)
        /// The signal was raised.
        public static let raised = Wakeup(rawValue: CLINUX_WOKEN)
    }

    /// For an owner that polls many sockets at once; only watched, never read.
    package let descriptor: Int32

    /// Creates a signal that is not raised.
    /// - Precondition: The process may open one more descriptor; without it there is no way to go on safely.
    public init() {
        descriptor = clinux_eventfd()
        precondition(descriptor >= 0, "no descriptor left for an eventfd")
    }

    deinit {
        close(descriptor)
    }

    /// Makes the owner's current or next sleep end at once.
    ///
    /// Any thread; never blocks.
    public func raise() {
        clinux_eventfd_raise(descriptor)
    }

    /// Takes the signal back.
    ///
    /// Owning thread only, before it looks at what the signal announced.
    public func lower() {
        clinux_eventfd_lower(descriptor)
    }

    /// Sleeps until the signal is raised, the socket is ready or the deadline has come.
    ///
    /// Owning thread only. A signal delivered to the thread ends the sleep early with an empty set.
    /// - Parameters:
    ///   - deadline: `nil` sleeps up to one hour.
    ///   - socket: Watched for reading; `nil` watches the signal alone.
    ///   - forWriting: Watches the socket for writing too.
    /// - Returns: What ended the sleep.
    public func sleep(until deadline: Deadline?, watching socket: Int32?, forWriting: Bool) -> Wakeup {
        let patience = deadline.map { $0.remaining(at: .now) } ?? .seconds(3600)
        let bits = clinux_poll(descriptor, socket ?? -1, forWriting ? 1 : 0, patience.pollNanoseconds)
        return Wakeup(rawValue: bits)
    }
}
