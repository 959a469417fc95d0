import NIOCore
import NIOHTTP1

/// Closes the connection of a client that takes too long over one request, however busily it sends.
///
///     quiet ──first byte──▶ head ──head complete──▶ body ──end──▶ quiet
///
/// Lives on its connection's event loop.
final class RequestClock {
    private enum Phase {
        case quiet, head, body
    }

    private let limits: HTTPLimits
    private let channel: any Channel
    private var phase = Phase.quiet
    private var alarm: Scheduled<Void>?

    init(_ limits: HTTPLimits, _ channel: any Channel) {
        self.limits = limits
        self.channel = channel
    }

    func bytesArrived() {
        guard phase == .quiet else { return }
        phase = .head
        wake(after: limits.headPatience)
    }

    func headArrived() {
        phase = .body
        wake(after: limits.bodyPatience)
    }

    func requestEnded() {
        phase = .quiet
        alarm?.cancel()
        alarm = nil
    }

    private func wake(after patience: Duration) {
        alarm?.cancel()
        alarm = channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { [channel] in
            channel.close(mode: .all, promise: nil)
        }
    }
}

/// Tells the clock of bytes.
final class FirstByteHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let clock: RequestClock

    init(_ clock: RequestClock) {
        self.clock = clock
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        clock.bytesArrived()
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        clock.requestEnded()
        context.fireChannelInactive()
    }
}

/// Tells the clock of what the bytes turned out to be.
final class RequestPartsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let clock: RequestClock

    init(_ clock: RequestClock) {
        self.clock = clock
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: clock.headArrived()
        case .body: break
        case .end: clock.requestEnded()
        }
        context.fireChannelRead(data)
    }
}
