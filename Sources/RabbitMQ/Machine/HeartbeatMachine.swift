internal import Confinement

/// Decides when to send a heartbeat and when the peer is dead.
///
/// Pure. A heartbeat goes out after half the interval without traffic of ours; the peer is dead after twice the
/// interval without a byte of its own. Source: AMQP 0-9-1 section 4.2.7; RabbitMQ guide *Heartbeats*.
struct HeartbeatMachine {
    enum Action: Equatable {
        case none
        case sendHeartbeat
        case declareDead
    }

    /// `nil`: the broker switched heartbeats off.
    private let interval: Duration?
    private var lastSent: Deadline
    private var lastReceived: Deadline

    init(interval: Duration?, at now: Deadline) {
        self.interval = interval
        lastSent = now
        lastReceived = now
    }

    mutating func bytesSent(at now: Deadline) { lastSent = now }

    mutating func bytesReceived(at now: Deadline) { lastReceived = now }

    func action(at now: Deadline) -> Action {
        guard let interval else { return .none }
        if lastReceived.advanced(by: interval * 2).isPast(at: now) { return .declareDead }
        return lastSent.advanced(by: interval / 2).isPast(at: now) ? .sendHeartbeat : .none
    }

    /// When to ask again at the latest.
    ///
    /// While bytes wait for a socket that takes none, no heartbeat can be due: they are the sign of life, and only the
    /// peer's death remains to be noticed.
    func nextDeadline(isStuck: Bool) -> Deadline? {
        guard let interval else { return nil }
        let death = lastReceived.advanced(by: interval * 2)
        return isStuck ? death : min(lastSent.advanced(by: interval / 2), death)
    }
}
