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

    /// Finds five free ports, the wanted ones where they are free.
    ///
    /// - Throws: ``NodeError`` of kind `noPort`.
    public static func free(amqp: UInt16? = nil, management: UInt16? = nil) throws(NodeError) -> NodePorts {
        var taken: Set<UInt16> = []
        func next(_ wanted: UInt16? = nil) throws(NodeError) -> UInt16 {
            var port = try FreePort.find(preferring: wanted)
            while !taken.insert(port).inserted { port = try FreePort.find() }
            return port
        }
        return NodePorts(
            amqp: try next(amqp),
            management: try next(management),
            distribution: try next(),
            epmd: try next(),
            commandLine: try next()
        )
    }
}
