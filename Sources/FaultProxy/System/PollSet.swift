internal import Confinement
internal import Glibc

/// The descriptors that one sleep watches.
///
/// What is watched for nothing is left out, so that an error nobody can act on yet does not end every sleep.
struct PollSet {
    struct Interest: OptionSet {
        let rawValue: Int16
        static let readable = Interest(rawValue: Int16(POLLIN))
        static let writable = Interest(rawValue: Int16(POLLOUT))
    }

    private var entries: [pollfd] = []

    /// Watches the signal that another thread raises.
    mutating func watch(_ signal: WakeSignal) -> Int {
        watch(signal.descriptor, .readable)
    }

    mutating func watch(_ listener: ListeningSocket, _ interest: Interest) -> Int {
        watch(listener.descriptor, interest)
    }

    mutating func watch(_ stream: LoopbackStream, _ interest: Interest) -> Int {
        watch(stream.descriptor, interest)
    }

    private mutating func watch(_ descriptor: Int32, _ interest: Interest) -> Int {
        // poll(2) skips negative descriptors.
        let watched = interest.isEmpty ? -1 : descriptor
        entries.append(pollfd(fd: watched, events: interest.rawValue, revents: 0))
        return entries.count - 1
    }

    /// Sleeps until something is ready or the deadline has come; `nil` sleeps up to one hour.
    mutating func sleep(until deadline: Deadline?) {
        let patience = deadline.map { $0.remaining(at: .now) } ?? .seconds(3600)
        let count = nfds_t(entries.count)
        _ = unsafe poll(&entries, count, patience.pollMilliseconds)
    }

    /// Whether what was watched at this place is ready, or broken.
    func isReady(_ place: Int) -> Bool {
        entries[place].revents != 0
    }
}
