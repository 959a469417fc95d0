import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ServiceKit

@Suite("Head and body of an answer")
struct AnswerJoinerTests {
    /// How many parts have left after each part was written and flushed.
    private func left(_ headers: HTTPHeaders, _ body: [String]) throws -> [Int] {
        let channel = EmbeddedChannel(handler: AnswerJoiner())
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        let pieces = body.map { HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: $0))) }
        var counts: [Int] = []
        var count = 0
        for part in [.head(head)] + pieces + [.end(nil)] {
            channel.writeAndFlush(part, promise: nil)
            while try channel.readOutbound(as: HTTPServerResponsePart.self) != nil { count += 1 }
            counts.append(count)
        }
        _ = try channel.finish()
        return counts
    }

    @Test("leave together where the head says how long the body is")
    func together() throws {
        #expect(try left(["Content-Length": "5"], ["hello"]) == [0, 2, 3])
        #expect(try left(["Content-Length": "10"], ["hello", "there"]) == [0, 2, 3, 4])
    }

    @Test("a head without a body leaves with its end")
    func empty() throws {
        #expect(try left(["Content-Length": "0"], []) == [0, 2])
    }

    @Test("what is streamed leaves as it comes")
    func streamed() throws {
        #expect(try left(["Transfer-Encoding": "chunked"], ["a", "b"]) == [1, 2, 3, 4])
        #expect(try left([:], []) == [1, 2])
    }
}
