import OrderEvents

/// What a load wants to know of an HTTP/1.1 answer.
struct HTTPAnswer: Equatable, Sendable {
    var status: Int
    /// At the end of `Location`, where there is one.
    var order: UUIDv7?
    /// Whether the server closes the connection after it.
    var closes: Bool

    /// Why an answer cannot be read.
    struct Malformed: Error, Equatable {}

    /// Reads one whole answer.
    ///
    /// Pure. Knows `Content-Length` and chunks, which is what a server may send to a `POST` over a connection that stays.
    /// - Parameters:
    ///   - bytes: Begins with the answer.
    ///   - count: How many of the bytes have arrived.
    /// - Returns: Nil where it has not arrived whole.
    /// - Throws: ``Malformed`` where it is none, or more than one answer.
    static func read(_ bytes: [UInt8], count: Int) throws(Malformed) -> HTTPAnswer? {
        guard let bodyStart = headEnd(bytes, count) else { return nil }
        guard let status = number(bytes, from: 9, to: 12, radix: 10), bytes.starts(with: "HTTP/1.".utf8)
        else {
            throw Malformed()
        }
        var answer = HTTPAnswer(status: status, closes: false)
        var length: Int?
        var isChunked = false
        var lineStart = 0
        for end in 0..<bodyStart - 1 where bytes[end] == carriageReturn && bytes[end + 1] == lineFeed {
            let line = lineStart..<end
            lineStart = end + 2
            if let value = value(of: "content-length:", bytes, line) {
                length = number(bytes, from: value.lowerBound, to: value.upperBound, radix: 10)
                if length == nil { throw Malformed() }
            } else if let value = value(of: "location:", bytes, line) {
                answer.order = UUIDv7(String(decoding: bytes[value].suffix(36), as: UTF8.self))
            } else if let value = value(of: "connection:", bytes, line) {
                answer.closes = String(decoding: bytes[value], as: UTF8.self).lowercased() == "close"
            } else if value(of: "transfer-encoding:", bytes, line) != nil {
                isChunked = true
            }
        }
        let end = isChunked ? try chunksEnd(bytes, bodyStart, count) : bodyStart + (length ?? 0)
        guard let end, end <= count else { return nil }
        // One request is under way at a time, so nothing may follow.
        guard end == count else { throw Malformed() }
        return answer
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// Where the body begins.
    private static func headEnd(_ bytes: [UInt8], _ count: Int) -> Int? {
        guard count >= 16 else { return nil }
        var place = 3
        while place < count {
            if bytes[place] == lineFeed, bytes[place - 1] == carriageReturn, bytes[place - 2] == lineFeed {
                return place + 1
            }
            place += 1
        }
        return nil
    }

    /// The value of a header whose name, with its colon, is `name` in lower case.
    private static func value(of name: StaticString, _ bytes: [UInt8], _ line: Range<Int>) -> Range<Int>? {
        let length = name.utf8CodeUnitCount
        guard line.count > length, bytes[line.lowerBound + length - 1] == UInt8(ascii: ":") else {
            return nil
        }
        let matches = name.description.utf8.enumerated()
            .allSatisfy { index, letter in
                let found = bytes[line.lowerBound + index]
                return found == letter || (letter >= UInt8(ascii: "a") && found | 0x20 == letter)
            }
        guard matches else { return nil }
        var start = line.lowerBound + length
        while start < line.upperBound, bytes[start] == UInt8(ascii: " ") { start += 1 }
        return start..<line.upperBound
    }

    private static func number(_ bytes: [UInt8], from start: Int, to end: Int, radix: Int) -> Int? {
        guard start < end, end <= bytes.count, end - start <= 9 else { return nil }
        return Int(String(decoding: bytes[start..<end], as: UTF8.self), radix: radix)
    }

    /// Where the last chunk ends; nil where it has not arrived.
    private static func chunksEnd(_ bytes: [UInt8], _ start: Int, _ count: Int) throws(Malformed) -> Int? {
        var place = start
        while true {
            var lineEnd = place
            while lineEnd < count, bytes[lineEnd] != carriageReturn { lineEnd += 1 }
            guard lineEnd + 2 <= count else { return nil }
            let digits = bytes[place..<lineEnd].firstIndex(of: UInt8(ascii: ";")) ?? lineEnd
            guard let size = number(bytes, from: place, to: digits, radix: 16) else { throw Malformed() }
            place = lineEnd + 2 + size + 2
            guard place <= count else { return nil }
            if size == 0 { return place }
        }
    }
}
