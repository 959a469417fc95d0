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

    /// Finds free ports for what is not given, and keeps them from other searches.
    ///
    /// - Parameters:
    ///   - amqp: As ``FreePort/reserve(preferring:)`` returned it to the caller.
    ///   - management: Likewise.
    /// - Returns: The given ones, and others that are reserved now.
    /// - Throws: ``NodeError`` of kind `noPort`.
    public static func free(amqp: UInt16? = nil, management: UInt16? = nil) throws(NodeError) -> NodePorts {
        func chosen(_ given: UInt16?) throws(NodeError) -> UInt16 {
            if let given { return given }
            return try FreePort.reserve()
        }
        return NodePorts(
            amqp: try chosen(amqp),
            management: try chosen(management),
            distribution: try FreePort.reserve(),
            epmd: try FreePort.reserve(),
            commandLine: try FreePort.reserve()
        )
    }
}
