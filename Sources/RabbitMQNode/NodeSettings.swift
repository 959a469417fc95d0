public import SystemPackage

/// How a private node is set up.
public struct NodeSettings: Sendable {
    /// Where its home, data, logs and copied configuration live; created if missing, kept when it stops.
    public var directory: FilePath
    /// The folder with `rabbitmq.conf`, `enabled_plugins` and `definitions.json`.
    public var configuration: FilePath
    /// Its ports.
    public var ports: NodePorts
    /// Whom the node lets in; a user of `definitions.json` without a password here cannot log in.
    public var logins: BrokerLogins
    /// Logins beside those of `definitions.json`.
    public var furtherUsers: [BrokerUser]
    /// How long a start may take before it counts as failed; a start takes 8…14 s on two idle cores.
    public var startDeadline: Duration
    /// How long a stop by SIGTERM may take before SIGKILL; a stop takes 6 s.
    public var stopDeadline: Duration
    /// The cluster it belongs to; `nil`, the default, is a node alone, with a port mapper of its own.
    public var cluster: NodeCluster?

    /// Describes a node.
    public init(
        directory: FilePath,
        configuration: FilePath,
        ports: NodePorts,
        logins: BrokerLogins = BrokerLogins(),
        furtherUsers: [BrokerUser] = [],
        startDeadline: Duration = .seconds(60),
        stopDeadline: Duration = .seconds(30)
    ) {
        self.directory = directory
        self.configuration = configuration
        self.ports = ports
        self.logins = logins
        self.furtherUsers = furtherUsers
        self.startDeadline = startDeadline
        self.stopDeadline = stopDeadline
        cluster = nil
    }
}

extension NodeSettings {
    /// The AMQP address with the operator's login.
    ///
    /// Without a path, which every client takes for the virtual host `/`; a path of `/` alone is the empty name to some.
    public var url: String { "amqp://\(user):\(password)@127.0.0.1:\(ports.amqp)" }

    /// The AMQP address with a user's login; nil for a user without a password.
    public func url(of user: String) -> String? {
        logins.password(of: user).map { "amqp://\(user):\($0)@127.0.0.1:\(ports.amqp)" }
    }

    /// The operator's name; the readiness probe logs in as this user.
    public var user: String { BrokerLogins.operatorName }

    /// The operator's password; a secret.
    public var password: String { logins.password(of: user) ?? "" }

    /// The management UI's and HTTP API's address.
    public var managementURL: String { "http://127.0.0.1:\(ports.management)" }

    /// The Erlang node's name; the port mapper of its own, or of its cluster, makes it unique.
    var nodeName: String { "\(cluster?.member ?? "order-events")@localhost" }
}
