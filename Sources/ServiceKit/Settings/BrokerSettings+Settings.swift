public import RabbitMQ

extension BrokerSettings {
    /// Reads how to reach the broker.
    ///
    /// - `rabbitmq.url` (secret): one or several `amqp://user:password@host:port/vhost`, comma-separated, tried in
    ///   turn; default `amqp://guest:guest@127.0.0.1:5672/`.
    /// - `rabbitmq.heartbeat` (whole seconds, `1s` to `10m`): default `10s`.
    ///
    /// - Parameters:
    ///   - checklist: Notes what is wrong.
    ///   - connectionName: Shown in the management UI.
    public init(reading checklist: inout SettingsChecklist, connectionName: String) {
        let usual = Endpoint(host: "127.0.0.1", port: 5672)
        let endpoints = checklist.value(
            "rabbitmq.url",
            default: [usual],
            shownAs: "amqp://guest:guest@127.0.0.1:5672/",
            secrecy: .secret,
            "the broker; several, comma-separated, are tried in turn"
        ) { text throws(BrokenRule) in
            do throws(EndpointError) {
                return try Endpoint.parseList(text)
            } catch {
                throw BrokenRule(error.description)
            }
        }
        let heartbeat = checklist.duration(
            "rabbitmq.heartbeat",
            in: .seconds(1) ... .seconds(600),
            default: .seconds(10),
            "heartbeat asked of the broker, whole seconds"
        )
        if heartbeat.components.attoseconds != 0 {
            checklist.refuse("rabbitmq.heartbeat", because: "must be whole seconds")
        }
        self.init(endpoints: endpoints, heartbeat: heartbeat, connectionName: connectionName)
    }
}
