public import RabbitMQ

extension BrokerSettings {
    /// Reads how to reach the broker.
    ///
    /// - `rabbitmq.url` (secret): one or several `amqp://user:password@host:port/vhost`, comma-separated, tried in
    ///   turn; default `amqp://guest:guest@127.0.0.1:5672/`. `amqps://` for TLS.
    /// - `rabbitmq.ca`, `rabbitmq.certificate`, `rabbitmq.key`: as ``TransportSecurity/init(reading:)`` says.
    /// - `rabbitmq.heartbeat` (whole seconds, `1s` to `10m`): default `10s`.
    /// - `rabbitmq.topology`: `declare` (default) makes exchanges, queues and bindings; `verify` waits until an operator
    ///   has made them, for a login that may not.
    ///
    /// - Parameters:
    ///   - checklist: Notes what is wrong.
    ///   - connectionName: Shown in the management UI: the program, `<service>-worker` or the service itself.
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
        let security = TransportSecurity(reading: &checklist)
        if security != TransportSecurity(), !endpoints.contains(where: \.usesTLS) {
            checklist.warn(of: "rabbitmq.url", because: "has no amqps://, so that certificates are not used")
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
        let duty = checklist.choice(
            "rabbitmq.topology",
            default: TopologyChoice.declare,
            "what to do about exchanges and queues before working"
        )
        self.init(
            endpoints: endpoints,
            heartbeat: heartbeat,
            security: security,
            connectionName: connectionName,
            topologyDuty: duty.duty(of: connectionName)
        )
    }
}

/// The words of `rabbitmq.topology`.
private enum TopologyChoice: String, CaseIterable {
    case declare, verify

    func duty(of program: String) -> TopologyDuty {
        let service = program.hasSuffix("-worker") ? String(program.dropLast("-worker".count)) : program
        return switch self {
        case .declare: .declare
        case .verify: .verify(remedy: "orderctl topology apply \(service)")
        }
    }
}
