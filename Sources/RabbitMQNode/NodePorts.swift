/// The TCP ports of one private node, all on 127.0.0.1.
public struct NodePorts: Equatable, Sendable {
    /// AMQP 0-9-1.
    public let amqp: UInt16
    /// The management UI and HTTP API.
    public let management: UInt16
    /// Erlang distribution, used by `rabbitmqctl`.
    public let distribution: UInt16
    /// The port mapper of this node alone.
    public let epmd: UInt16
    /// Where `rabbitmqctl` itself listens while it runs.
    public let commandLine: UInt16

    /// Names five ports.
    public init(amqp: UInt16, management: UInt16, distribution: UInt16, epmd: UInt16, commandLine: UInt16) {
        self.amqp = amqp
        self.management = management
        self.distribution = distribution
        self.epmd = epmd
        self.commandLine = commandLine
    }

    /// Finds five free ports, the wanted ones where they are free, and keeps them from other searches.
    ///
    /// - Throws: ``NodeError`` of kind `noPort`.
    public static func free(amqp: UInt16? = nil, management: UInt16? = nil) throws(NodeError) -> NodePorts {
        NodePorts(
            amqp: try FreePort.reserve(preferring: amqp),
            management: try FreePort.reserve(preferring: management),
            distribution: try FreePort.reserve(),
            epmd: try FreePort.reserve(),
            commandLine: try FreePort.reserve()
        )
    }
}
