/// What a connection does about its topology before it works.
public enum TopologyDuty: Hashable, Sendable {
    /// Declares everything: what was missing is there afterwards, what is there stays.
    ///
    /// The login needs *configure* on every exchange and queue, and *read* and *write* for their bindings.
    case declare
    /// Asks whether exchanges and queues are there, and changes nothing.
    ///
    /// Needs no permission at all (RabbitMQ guide *Access Control*: passive declarations are not checked). AMQP has no
    /// question for bindings and arguments; those are for whoever applies the topology to look after. While something
    /// is missing the connection is tried again with backoff, and the status says what, followed by `remedy`: what a
    /// person should do, such as `orderctl topology apply inventory`.
    case verify(remedy: String)
}
