import OrderEvents

@testable import Curl
@testable import NotificationWorker
@testable import OrderCtl

/// What mail servers, webhooks and the order service answer.
enum AnswersFuzzer {
    static func run(_ bytes: [UInt8]) throws {
        guard let choice = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let step = Int(choice >> 2) + 1
        switch choice & 3 {
        case 0: try promise(replies(rest, rest.count) == replies(rest, step), "pieces are other replies")
        case 1: try promise(events(rest, rest.count) == events(rest, step), "pieces are other events")
        case 2: try retryAfter(String(decoding: rest, as: UTF8.self))
        default: try table(String(decoding: rest, as: UTF8.self))
        }
    }

    private static func pieces(_ bytes: [UInt8], _ step: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: max(step, 1))
            .map { bytes[$0..<min($0 + max(step, 1), bytes.count)] }
    }

    private static func replies(_ bytes: [UInt8], _ step: Int) throws -> [String] {
        var reader = SMTPReplyReader()
        var seen: [String] = []
        for piece in pieces(bytes, step) {
            reader.append(piece)
            do {
                while let reply = try reader.next() {
                    seen.append("\(reply.code) \(reply.lines)")
                    try promise((200...599).contains(reply.code), "code \(reply.code)")
                    try promise(
                        reply.safeText.utf8.count <= 15,
                        "more than code and status: \(reply.safeText)"
                    )
                }
            } catch is SMTPReplyReader.Malformed {
                return seen + ["malformed"]
            }
        }
        return seen
    }

    private static func events(_ bytes: [UInt8], _ step: Int) -> [ServerSentEvents.Event] {
        var stream = ServerSentEvents()
        return pieces(bytes, step).flatMap { stream.take(Array($0)) }
    }

    private static func retryAfter(_ text: String) throws {
        guard let delay = RetryAfter.delay(text, from: Timestamp(milliseconds: 1_767_323_045_678)) else {
            return
        }
        try promise(delay >= .zero && delay <= RetryAfter.longest, "a wait of \(delay)")
    }

    private static func table(_ text: String) throws {
        var table = Table("A", "B")
        table.add(text, "1")
        let lines = table.text.split(separator: "\n", omittingEmptySubsequences: false)
        try promise(lines.count == 2, "a cell makes a line of its own")
        for line in lines { try promiseOneLine(String(line.prefix(60)), "a line of a table") }
    }
}
