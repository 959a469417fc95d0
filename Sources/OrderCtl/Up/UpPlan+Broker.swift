import OrderEvents
import RabbitMQ
import RabbitMQNode
import SystemPackage
import WorkQueue

extension UpPlan {
    /// Where the broker comes from.
    enum Broker: Sendable {
        /// A node of our own.
        case own(NodeSettings)
        /// `RABBITMQ_URL` names one.
        case given(url: String, management: String)
    }
}

extension UpPlan.Broker {
    /// A node of our own, with a login for every service.
    ///
    /// - Parameters:
    ///   - directory: Where `up` keeps its state; the passwords, too.
    ///   - configuration: The folder with `rabbitmq` in it.
    ///   - services: Every service that may have a worker.
    ///   - amqp: The port for AMQP.
    ///   - management: The port for the management UI.
    /// - Returns: The node, not started.
    /// - Throws: `NodeError` when the definitions cannot be read, the passwords not be kept, or no port is free.
    static func own(
        in directory: FilePath,
        configuration: FilePath,
        services: [String],
        amqp: UInt16,
        management: UInt16
    ) throws(NodeError) -> UpPlan.Broker {
        let folder = configuration.appending("rabbitmq")
        let shipped = try BrokerDefinitions(inFolder: folder).users
        return .own(
            NodeSettings(
                directory: directory.appending("rabbitmq"),
                configuration: folder,
                ports: try .free(amqp: amqp, management: management),
                logins: try .kept(in: UpDirectory.logins(in: directory), for: shipped + services),
                furtherUsers: services.map(BrokerUser.init(worker:))
            )
        )
    }

    /// The broker of `RABBITMQ_URL`.
    static func given(
        _ url: String,
        environment: [String: String]
    ) throws(CommandError) -> UpPlan.Broker {
        if let management = environment["MANAGEMENT_URL"], !management.isEmpty {
            return .given(url: url, management: management)
        }
        return .given(url: url, management: try BrokerAddress.management(of: url))
    }

    /// The AMQP address with a login that may do everything.
    var url: String {
        switch self {
        case .own(let settings): settings.url
        case .given(let url, _): url
        }
    }

    /// The management UI's address.
    var management: String {
        switch self {
        case .own(let settings): settings.managementURL
        case .given(_, let management): management
        }
    }

    /// What a service's programs are told of the broker: in their environment, which `ps` shows to nobody else.
    ///
    /// At a node of our own each service has its own login, which may declare nothing.
    func environment(of service: String) -> [String: String] {
        switch self {
        case .own(let settings):
            ["RABBITMQ_URL": settings.url(of: service) ?? settings.url, "RABBITMQ_TOPOLOGY": "verify"]
        case .given(let url, _): ["RABBITMQ_URL": url]
        }
    }
}

extension BrokerUser {
    /// The login of a worker that nobody wrote one for: its own queue, its failures, its outcomes.
    ///
    /// A service that publishes events has an entry of its own in `Config/rabbitmq/definitions.json`.
    init(worker service: String) {
        let permissions = ServicePermissions(
            of: service,
            publishingTo: [OrderEvents.outcomesExchangeName]
        )
        self.init(
            service,
            configure: permissions.configure,
            write: permissions.write,
            read: permissions.read
        )
    }
}
