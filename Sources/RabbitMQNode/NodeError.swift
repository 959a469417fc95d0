/// Why a private RabbitMQ node, or a process started beside it, could not do what was asked.
public struct NodeError: Error, Equatable, CustomStringConvertible {
    /// What went wrong, and who can mend it.
    public enum Kind: Equatable, Sendable {
        /// `rabbitmq-server` is not installed on this machine.
        case notInstalled
        /// The directory, or a file of it, could not be prepared.
        case directory
        /// A program could not be started; no process exists.
        case cannotStart
        /// The node ended before it was ready.
        case died
        /// The node did not answer a login in time.
        case notReady
        /// No free port was found.
        case noPort
        /// A `rabbitmqctl` command failed.
        case commandFailed
    }

    /// What went wrong.
    public let kind: Kind
    /// What a person needs to know, with the end of the node's log where it helps.
    ///
    /// Holds no secret.
    public let description: String

    /// Describes a failure.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
