import NIOCore
import NIOHTTP1

/// Sends the head of an answer together with its body.
///
/// Hummingbird flushes part by part, which costs each answer a second call and the client a second packet. A head is held
/// only where its length says that a body follows at once; what is streamed leaves as it comes.
final class AnswerJoiner: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var isHeadAlone = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): isHeadAlone = head.headers.contains(name: "Content-Length")
        case .body, .end: isHeadAlone = false
        }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        if !isHeadAlone { context.flush() }
    }
}
