public import SystemPackage

/// How a private node is set up.
public struct NodeSettings: Sendable {
    /// Where its home, data, logs and copied configuration live; created if missing, kept when it stops.
    public var directory: FilePath
    /// The folder with `rabbitmq.conf`, `enabled_plugins` and `definitions.json`.
    public var configuration: FilePath
    /// Its ports.
    public var ports: NodePorts
    /// The user of `definitions.json` that the readiness probe logs in as.
    public var user: String
    /// That user's password.
    public var password: String
    /// How long a start may take before it counts as failed; a start takes 8…14 s on two idle cores.
    public var startDeadline: Duration
    /// How long a stop by SIGTERM may take before SIGKILL; a stop takes 6 s.
    public var stopDeadline: Duration

    /// Describes a node.
    public init(
        directory: FilePath,
        configuration: FilePath,
        ports: NodePorts,
        user: String = "guest",
        password: String = "guest",
        startDeadline: Duration = .seconds(60),
        stopDeadline: Duration = .seconds(30)
    ) {
        self.directory = directory
        self.configuration = configuration
        self.ports = ports
        self.user = user
        self.password = password
        self.startDeadline = startDeadline
        self.stopDeadline = stopDeadline
    }
}

extension NodeSettings {
    /// The AMQP address, login included.
    ///
    /// Without a path, which every client takes for the virtual host `/`; a path of `/` alone is the empty name to some.
    public var url: String { "amqp://\(user):\(password)@127.0.0.1:\(ports.amqp)" }

    /// The management UI's and HTTP API's address.
    public var managementURL: String { "http://127.0.0.1:\(ports.management)" }

    /// The Erlang node's name; the port mapper of its own makes it unique.
    var nodeName: String { "order-events@localhost" }
}
