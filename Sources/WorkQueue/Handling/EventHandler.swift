/// The body of one type of event.
///
/// A version is raised when a reader of the old one could misunderstand the new one; a field more is no new version.
public protocol EventPayload: Decodable, Sendable {
    /// The type as it travels, such as `order.created`.
    static var eventType: String { get }
    /// The version that this type decodes, from 1; default 1.
    ///
    /// An event of a newer one is dead-lettered as `undecodable`, until a program that knows it replays it.
    static var eventVersion: Int { get }
    /// Reads an older version.
    ///
    /// - Parameters:
    ///   - body: As it came.
    ///   - version: From 1 to one below ``eventVersion``.
    /// - Throws: Where the body is not what that version promises, or that version is no longer read; the event is
    ///   dead-lettered as `undecodable`.
    init(upcasting body: [UInt8], from version: Int) throws
    /// Reads a body of ``eventVersion`` as our own programs write it, faster than the decoder does.
    ///
    /// For types of which a worker reads thousands a second; by default none is read. Nil leaves the body to the decoder,
    /// whatever it is, broken ones included.
    ///
    /// - Parameter body: As it came.
    init?(compact body: [UInt8])
}

extension EventPayload {
    /// The first version.
    public static var eventVersion: Int { 1 }

    /// Reads none.
    public init(upcasting body: [UInt8], from version: Int) throws {
        throw UndecodableMessage("version \(version) of \(Self.eventType) is not read any more")
    }

    /// Leaves every body to the decoder.
    public init?(compact body: [UInt8]) { nil }
}

/// Applies one type of event.
public protocol EventHandler<Event>: Sendable {
    /// What the handler applies.
    associatedtype Event: EventPayload

    /// Applies the event at most once in effect, however often it is delivered.
    ///
    /// The same event comes again after a crash, a lost connection or an operator's replay: record
    /// ``DeliveryContext/eventID`` in the transaction of the effect. May be called by many tasks at once. Is cancelled
    /// when the drain deadline of a stopping worker has come; the event is then delivered again.
    /// - Returns: The decision; the worker settles the delivery accordingly.
    func handle(_ event: Event, in context: DeliveryContext) async -> Verdict
}

/// What a handler may want to know beside the event itself.
public struct DeliveryContext: Hashable, Sendable {
    /// The event with all its headers.
    public let envelope: EventEnvelope

    /// Creates a context.
    public init(envelope: EventEnvelope) {
        self.envelope = envelope
    }

    /// The same on every delivery of the event.
    public var eventID: String { envelope.id }
    /// The event's type.
    public var eventType: String { envelope.type }
    /// Whether an operator put it here from the event log, long after it happened.
    public var isReplayed: Bool { envelope.isReplayed }
    /// 1 on the first attempt.
    public var attempt: Int { envelope.attempts + 1 }
}
