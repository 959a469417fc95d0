/// How to reach the broker, for every connection of a program.
public struct BrokerSettings: Hashable, Sendable {
    /// Tried in turn; never empty.
    public var endpoints: [Endpoint]
    /// Heartbeat interval asked for; the broker may shorten it.
    ///
    /// 1 s to 10 min, whole seconds. Default 10 s.
    ///
    /// The peer is declared dead after twice this time without a byte.
    public var heartbeat: Duration
    /// Whom to trust and who we are, at endpoints with `amqps`.
    public var security: TransportSecurity
    /// Shown as the connection's name in the management UI.
    public var connectionName: String
    /// Longest that one attempt to connect, log in and declare may take.
    ///
    /// Default 10 s.
    public var attemptPatience: Duration
    /// Whether the topology is declared or only looked for.
    ///
    /// Default ``TopologyDuty/declare``.
    public var topologyDuty: TopologyDuty

    /// Creates settings.
    /// - Precondition: At least one endpoint.
    public init(
        endpoints: [Endpoint],
        heartbeat: Duration = .seconds(10),
        security: TransportSecurity = TransportSecurity(),
        connectionName: String,
        attemptPatience: Duration = .seconds(10),
        topologyDuty: TopologyDuty = .declare
    ) {
        precondition(!endpoints.isEmpty, "a broker needs an address")
        self.endpoints = endpoints
        self.heartbeat = heartbeat
        self.security = security
        self.connectionName = connectionName
        self.attemptPatience = attemptPatience
        self.topologyDuty = topologyDuty
    }

    /// The same settings for a connection that does one thing, such as `inventory-worker consume`.
    public func named(_ suffix: String) -> BrokerSettings {
        var settings = self
        settings.connectionName += " \(suffix)"
        return settings
    }
}
