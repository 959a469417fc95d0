import ServiceKit

/// One thing that breaks, and mends itself where it has a length.
enum ChaosAction: Equatable, Sendable {
    /// SIGKILL for a program of the system; `up` starts it again.
    case kill(String)
    /// SIGKILL for the broker; it is started again on its data.
    case killBroker
    /// SIGSTOP for a program.
    case freeze(String, Duration)
    /// SIGSTOP for the broker: connections stay open, nothing answers.
    case freezeBroker(Duration)
    /// Resets every connection to the broker.
    case cutWire
    /// Resets each connection in the middle of what it carries.
    case cutWireAfter(bytes: Int, Duration)
    /// Hands on nothing, in one direction or both; the connections stay open.
    case stallWire(Stalled, Duration)
    /// The broker closes every connection, with a reason.
    case closeConnections
    /// The broker takes nothing more from publishers.
    case memoryAlarm(Duration)

    /// Which way is stalled.
    enum Stalled: String, CaseIterable, Sendable {
        case toBroker = "to the broker"
        case fromBroker = "from the broker"
        case both = "both ways"
    }

    /// What the summary counts it as.
    var kind: String {
        switch self {
        case .kill(let name): name == "order-service" ? "kill order-service" : "kill worker"
        case .killBroker: "kill broker"
        case .freeze(let name, _): name == "order-service" ? "freeze order-service" : "freeze worker"
        case .freezeBroker: "freeze broker"
        case .cutWire: "cut wire"
        case .cutWireAfter: "cut wire within a frame"
        case .stallWire: "stall wire"
        case .closeConnections: "close connections"
        case .memoryAlarm: "memory alarm"
        }
    }
}

extension ChaosAction: CustomStringConvertible {
    /// For people: `freeze inventory-worker-1 for 3s`.
    var description: String {
        switch self {
        case .kill(let name): "kill \(name)"
        case .killBroker: "kill the broker"
        case .freeze(let name, let length): "freeze \(name) for \(DurationText.text(length))"
        case .freezeBroker(let length): "freeze the broker for \(DurationText.text(length))"
        case .cutWire: "cut every connection to the broker"
        case .cutWireAfter(let bytes, let length):
            "cut each connection after \(bytes) bytes, for \(DurationText.text(length))"
        case .stallWire(let way, let length):
            "stall the wire \(way.rawValue) for \(DurationText.text(length))"
        case .closeConnections: "have the broker close every connection"
        case .memoryAlarm(let length): "raise the memory alarm for \(DurationText.text(length))"
        }
    }
}
