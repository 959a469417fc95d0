import NIOCore
import NIOHTTP1

/// Closes the connection of a client that takes too long over one request, however busily it sends.
///
///     quiet ──first byte──▶ head ──head complete──▶ body ──end──▶ quiet
///
/// Lives on its connection's event loop. A request costs it a look at the clock: the alarm of an earlier one goes on, and
/// sets itself again where the time is not up.
final class RequestClock {
    private enum Phase {
        case quiet, head, body
    }

    private let limits: HTTPLimits
    private let channel: any Channel
    private var phase = Phase.quiet
    /// When the present phase must be over.
    private var deadline: NIODeadline?
    private var alarm: (at: NIODeadline, scheduled: Scheduled<Void>)?

    init(_ limits: HTTPLimits, _ channel: any Channel) {
        self.limits = limits
        self.channel = channel
    }

    func bytesArrived() {
        guard phase == .quiet else { return }
        phase = .head
        expectEnd(within: limits.headPatience)
    }

    func headArrived() {
        phase = .body
        expectEnd(within: limits.bodyPatience)
    }

    func requestEnded() {
        phase = .quiet
        deadline = nil
    }

    func connectionEnded() {
        requestEnded()
        alarm?.scheduled.cancel()
        alarm = nil
    }

    private func expectEnd(within patience: Duration) {
        let deadline = NIODeadline.now() + TimeAmount(patience)
        self.deadline = deadline
        if let alarm {
            guard alarm.at > deadline else { return }
            alarm.scheduled.cancel()
        }
        wake(at: deadline)
    }

    private func wake(at deadline: NIODeadline) {
        let clock = NIOLoopBound(self, eventLoop: channel.eventLoop)
        alarm = (deadline, channel.eventLoop.scheduleTask(deadline: deadline) { clock.value.timeCame() })
    }

    private func timeCame() {
        alarm = nil
        guard let deadline else { return }
        if deadline > .now() { return wake(at: deadline) }
        channel.close(mode: .all, promise: nil)
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
        clock.connectionEnded()
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
