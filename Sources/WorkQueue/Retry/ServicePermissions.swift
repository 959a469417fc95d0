/// What a service's login may do at the broker, and nothing else.
///
/// Each is a regular expression that the broker searches names with. The service reads its own queue, tells its own
/// failure exchange and the exchanges named here, and declares, deletes, binds and configures nothing: exchanges and
/// queues are an operator's. It has no way to the default exchange, through which every queue can be reached.
/// - SeeAlso: RabbitMQ guide *Access Control*.
public struct ServicePermissions: Hashable, Sendable {
    /// `^$`: nothing.
    public let configure: String
    /// Its failure exchange, and what it tells others.
    public let write: String
    /// Its own queue.
    public let read: String

    /// Permits a service's work.
    ///
    /// - Parameters:
    ///   - service: The service, whose name its queue has.
    ///   - exchanges: Where it publishes besides: the outcomes, and the events where it publishes some.
    public init(of service: String, publishingTo exchanges: [String]) {
        let names = ServiceNames(service)
        configure = "^$"
        write = Self.exactly([names.failures] + exchanges)
        read = Self.exactly([names.queue])
    }

    private static func exactly(_ names: [String]) -> String {
        let escaped = names.map { $0.replacing(".", with: #"\."#) }
        return escaped.count == 1 ? "^\(escaped[0])$" : "^(\(escaped.joined(separator: "|")))$"
    }
}
