public import Hummingbird
import NIOCore

/// The connection that a request came on, for an answer that may never end.
public struct ClientConnection: Sendable {
    private let channel: any Channel

    /// Takes the connection of a request.
    public init(_ source: ApplicationRequestContextSource) {
        channel = source.channel
    }

    /// The client's address without its port; nil where the system does not tell it.
    public var address: String? { channel.remoteAddress?.ipAddress }

    /// Closes it at once, whatever is still on its way; who writes to it gets an error.
    ///
    /// Any thread; never blocks.
    public func cut() {
        channel.close(mode: .all, promise: nil)
    }
}
