/// What the broker's objects of one service are called.
public struct ServiceNames: Hashable, Sendable {
    /// The service, which is also the name of its queue.
    public let service: String

    /// Names the objects of `service`.
    public init(_ service: String) {
        self.service = service
    }

    /// The queue that the service consumes.
    public var queue: String { service }
    /// The one exchange that a worker publishes failed events to.
    public var failures: String { "\(service).failures" }
    /// The headers exchange between the events and the queue of a service that lets the broker filter.
    public var filter: String { "\(service).filter" }
    /// The queue of dead letters.
    public var deadLetters: String { "\(service).dead" }
    /// The routing key that leads to the dead letters.
    public var deadKey: String { "dead" }
    /// The routing key that leads back to the queue itself, where there is no tier to wait in.
    public var requeueKey: String { "requeue" }

    /// The queue in which an event waits for `delay`.
    public func tier(_ delay: Duration) -> String { "\(service).retry.\(DelayText.text(for: delay))" }
    /// The routing key that leads to that queue.
    public func tierKey(_ delay: Duration) -> String { "retry.\(DelayText.text(for: delay))" }
}
