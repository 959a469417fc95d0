/// A login of the broker with what it may do on the virtual host `/`.
///
/// The three are regular expressions that the broker searches a name with; an exchange's default one is named
/// `amq.default` there. `^$` is nothing.
/// - SeeAlso: RabbitMQ guide *Access Control*.
public struct BrokerUser: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// What it may declare and delete.
    public var configure: String
    /// What it may publish to, and bind queues of.
    public var write: String
    /// What it may consume, purge, and bind from.
    public var read: String

    /// Describes a login.
    public init(_ name: String, configure: String, write: String, read: String) {
        self.name = name
        self.configure = configure
        self.write = write
        self.read = read
    }
}
