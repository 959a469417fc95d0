/// How a connection to the broker stands, for health checks.
public enum ConnectionStatus: Hashable, Sendable {
    /// Not run yet.
    case idle
    /// On the way: resolving, connecting, logging in or declaring.
    case connecting
    /// Logged in, topology declared, working.
    case open
    /// Open, but the broker takes no publishes: its reason, such as `low on memory`.
    case blocked(String)
    /// Lost, and why; until the next attempt.
    case waiting(RabbitMQError)
    /// Stopped for good.
    case stopped

    /// Whether work gets through now.
    public var isOpen: Bool { self == .open }
}

extension ConnectionStatus: CustomStringConvertible {
    /// One line, safe to show.
    public var description: String {
        switch self {
        case .idle: "not started"
        case .connecting: "connecting"
        case .open: "open"
        case .blocked(let reason): "blocked by the broker: \(reason)"
        case .waiting(let reason): "not connected: \(reason)"
        case .stopped: "stopped"
        }
    }
}
