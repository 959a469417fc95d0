import NIOCore
import NIOHTTP1
import Synchronization

/// Puts the handlers of one connection in their places, then leaves.
///
/// Hummingbird takes further handlers only behind HTTP's decoder; some of ours must see bytes.
final class ConnectionSetup: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let limits: HTTPLimits
    private let open: OpenConnections

    init(_ limits: HTTPLimits, _ open: OpenConnections) {
        self.limits = limits
        self.open = open
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let operations = context.pipeline.syncOperations
        let place = ServerCertificate.place(in: operations)
        do {
            guard open.enter(limit: limits.connections) else {
                return try operations.addHandler(ConnectionRefusal(), position: place)
            }
            context.channel.closeFuture.whenComplete { [open] _ in open.leave() }
            let clock = RequestClock(limits, context.channel)
            try operations.addHandlers(
                [ParseFailureAnswer(), FirstByteHandler(clock)],
                position: place
            )
            let decoder = try operations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try operations.addHandlers(
                [RequestPartsHandler(clock), AnswerJoiner()],
                position: .after(decoder)
            )
        } catch {
            context.fireErrorCaught(error)
        }
        operations.removeHandler(context: context, promise: nil)
    }
}

/// How many connections a server has.
final class OpenConnections: Sendable {
    private let count = Mutex(0)

    /// Counts one more, unless there are as many as may be.
    func enter(limit: Int) -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}

/// Tells a client that there are too many, whatever it asks, and closes.
private final class ConnectionRefusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let document =
        #"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Too many connections are open."}"#
    private static let answer = """
        HTTP/1.1 503 Service Unavailable\r
        Connection: close\r
        Retry-After: 1\r
        Content-Type: application/problem+json\r
        Content-Length: \(document.utf8.count)\r
        \r
        \(document)
        """

    func channelActive(context: ChannelHandlerContext) { refuse(context) }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { refuse(context) }
    }

    /// Nothing that it sends is looked at.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    private func refuse(_ context: ChannelHandlerContext) {
        let channel = context.channel
        let answer = channel.allocator.buffer(string: Self.answer)
        context.writeAndFlush(wrapOutboundOut(answer))
            .whenComplete { _ in
                channel.close(mode: .output, promise: nil)
                // At once it would be a reset, which can take the answer from a client that is still sending.
                channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(mode: .all, promise: nil) }
            }
    }
}
