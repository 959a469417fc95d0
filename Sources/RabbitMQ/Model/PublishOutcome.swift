/// What became of one publish.
public enum PublishOutcome: Hashable, Sendable {
    /// Every queue it was routed to has taken responsibility; for a durable or quorum queue it is on disk.
    case confirmed
    /// It reached no queue and was not stored. The text is the broker's reason.
    case unroutable(String)
    /// The broker took no responsibility (`basic.nack`): a queue is full or failed. It may be published again.
    case refused
    /// It was sent, and the connection ended or the deadline came before the broker answered.
    ///
    /// It may be stored or not. Publish it again under the same id; the consumer recognises the repeat.
    case unknown(String)
    /// Nothing of it was sent: no connection by the deadline, too much waiting already, or stopped.
    case notSent(String)

    /// It can never be sent as it is: the body is over 16 MiB, the properties fill more than one frame, or a name is over
    /// 255 bytes. Nothing of it was sent.
    case unsendable(String)

    /// Whether the broker has it.
    public var isConfirmed: Bool { self == .confirmed }
}

extension PublishOutcome: CustomStringConvertible {
    /// One line, safe to show.
    public var description: String {
        switch self {
        case .confirmed: "confirmed"
        case .unroutable(let reason): "unroutable: \(reason)"
        case .refused: "refused by the broker"
        case .unknown(let reason): "outcome unknown: \(reason)"
        case .notSent(let reason): "not sent: \(reason)"
        case .unsendable(let reason): "cannot be sent: \(reason)"
        }
    }
}
