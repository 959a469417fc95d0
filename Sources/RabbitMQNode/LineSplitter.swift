/// Cuts a stream of bytes into lines.
///
/// Pure. Holds at most `limit` bytes of an unfinished line; a longer one is handed out in pieces.
struct LineSplitter {
    private var pending: [UInt8] = []
    private let limit: Int

    init(limit: Int = 1 << 20) {
        self.limit = limit
    }

    /// Takes the next bytes and returns the lines that they completed.
    mutating func append(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else {
                pending.append(byte)
                if pending.count >= limit { lines.append(take()) }
            }
        }
        return lines
    }

    /// Returns what came after the last line ending, if anything.
    mutating func finish() -> String? {
        pending.isEmpty ? nil : take()
    }

    private mutating func take() -> String {
        defer { pending.removeAll(keepingCapacity: true) }
        if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        return String(decoding: pending, as: UTF8.self)
    }
}
