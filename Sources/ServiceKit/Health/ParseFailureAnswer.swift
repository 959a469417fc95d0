import NIOCore

/// Gives Hummingbird's answer to what is no HTTP, a bare head, the document that every other error has.
///
/// Compares bytes: this one answer is written by Hummingbird's connection itself, past every route and middleware.
final class ParseFailureAnswer: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private static let document =
        #"{"type":"about:blank","title":"Bad Request","status":400,"detail":"This is no HTTP request."}"#
    private static let bare = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    private static let whole = """
        HTTP/1.1 400 Bad Request\r
        Connection: close\r
        Content-Type: application/problem+json\r
        Content-Length: \(document.utf8.count)\r
        \r
        \(document)
        """

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .byteBuffer(let buffer) = unwrapOutboundIn(data),
            buffer.readableBytes == Self.bare.utf8.count,
            buffer.readableBytesView.elementsEqual(Self.bare.utf8)
        else {
            return context.write(data, promise: promise)
        }
        let answer = context.channel.allocator.buffer(string: Self.whole)
        context.write(wrapOutboundOut(.byteBuffer(answer)), promise: promise)
    }
}
