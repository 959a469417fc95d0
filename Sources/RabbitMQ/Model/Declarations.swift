/// Whether an exchange or queue is there after the broker restarts.
public enum Lifetime: String, Hashable, Sendable {
    /// It is.
    case durable
    /// It is not.
    case transient
    /// Of a queue: only the connection that declares it may use it, and it is gone with that connection or its last
    /// consumer.
    ///
    /// A connection that comes back declares another one, empty. AMQP 0-9-1 `queue.declare`, *exclusive* and
    /// *auto-delete*.
    case exclusive
}

/// An exchange that the broker is asked to have.
public struct ExchangeDeclaration: Hashable, Sendable {
    /// How an exchange chooses queues.
    public enum Kind: String, Hashable, Sendable {
        /// Every bound queue.
        case fanout
        /// Queues bound with exactly the routing key.
        case direct
        /// Queues bound with a matching pattern.
        case topic
        /// Queues bound with matching headers.
        case headers
    }

    /// At most 255 bytes; not empty, and not starting with `amq.`, which is the broker's own.
    public var name: String
    /// How it chooses queues.
    public var kind: Kind
    /// Whether it outlives the broker's restart.
    public var lifetime: Lifetime
    /// `x-…` arguments.
    public var arguments: FieldTable

    /// Creates a declaration.
    public init(_ name: String, kind: Kind, lifetime: Lifetime = .durable, arguments: FieldTable = [:]) {
        self.name = name
        self.kind = kind
        self.lifetime = lifetime
        self.arguments = arguments
    }
}

/// A queue that the broker is asked to have.
public struct QueueDeclaration: Hashable, Sendable {
    /// At most 255 bytes; not empty.
    public var name: String
    /// Whether it outlives the broker's restart.
    ///
    /// Quorum queues are always durable.
    public var lifetime: Lifetime
    /// `x-…` arguments.
    ///
    /// An existing queue with other arguments refuses the declaration (406).
    public var arguments: FieldTable

    /// Creates a declaration.
    public init(_ name: String, lifetime: Lifetime = .durable, arguments: FieldTable = [:]) {
        self.name = name
        self.lifetime = lifetime
        self.arguments = arguments
    }
}

/// A way from an exchange to a queue.
public struct Binding: Hashable, Sendable {
    /// The source.
    public var exchange: String
    /// The target.
    public var queue: String
    /// Compared by direct and topic exchanges, ignored by the others.
    public var routingKey: String
    /// Compared by headers exchanges.
    public var arguments: FieldTable

    /// Creates a binding.
    public init(exchange: String, queue: String, routingKey: String = "", arguments: FieldTable = [:]) {
        self.exchange = exchange
        self.queue = queue
        self.routingKey = routingKey
        self.arguments = arguments
    }
}

/// A way from an exchange to another exchange.
///
/// RabbitMQ's own addition to AMQP 0-9-1; `exchange.bind`, RabbitMQ guide *Exchange to Exchange Bindings*.
public struct ExchangeBinding: Hashable, Sendable {
    /// Where messages come from.
    public var source: String
    /// The exchange that they go on to.
    public var destination: String
    /// Compared by direct and topic exchanges, ignored by the others.
    public var routingKey: String
    /// Compared by headers exchanges.
    public var arguments: FieldTable

    /// Creates a binding.
    public init(source: String, destination: String, routingKey: String = "", arguments: FieldTable = [:]) {
        self.source = source
        self.destination = destination
        self.routingKey = routingKey
        self.arguments = arguments
    }
}
