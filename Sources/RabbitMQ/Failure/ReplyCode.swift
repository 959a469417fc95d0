/// The number with which a broker closes a channel or a connection.
///
/// Source: AMQP 0-9-1 section 1.2, *Constants*.
public struct ReplyCode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Names a number; numbers without a name here are kept.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 200: closed on purpose, nothing wrong.
    public static let success = ReplyCode(rawValue: 200)
    /// 311: a message larger than the broker takes.
    public static let contentTooLarge = ReplyCode(rawValue: 311)
    /// 312: a mandatory message that reached no queue.
    public static let noRoute = ReplyCode(rawValue: 312)
    /// 320: an operator, or the broker's own stop, closed the connection.
    public static let connectionForced = ReplyCode(rawValue: 320)
    /// 403: wrong login, or no permission.
    public static let accessRefused = ReplyCode(rawValue: 403)
    /// 404: no such exchange or queue.
    public static let notFound = ReplyCode(rawValue: 404)
    /// 406: it exists with other arguments, or a delivery tag is unknown.
    public static let preconditionFailed = ReplyCode(rawValue: 406)
    /// 530: not allowed, such as an unknown virtual host.
    public static let notAllowed = ReplyCode(rawValue: 530)
}

extension ReplyCode {
    /// Whether this is a *soft* error, which closes a channel; the others close the connection.
    ///
    /// AMQP 0-9-1 section 1.2.
    var isOfChannel: Bool {
        [311, 313, 403, 404, 405, 406].contains(rawValue)
    }
}

extension ReplyCode: CustomStringConvertible {
    /// The number, as the broker's own log shows it.
    public var description: String { "\(rawValue)" }
}
