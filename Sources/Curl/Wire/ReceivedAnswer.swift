/// Collects an answer while libcurl reads it.
///
/// Owning thread only.
final class ReceivedAnswer {
    private(set) var headers: [HTTPRequest.Header] = []
    private(set) var body: [UInt8] = []
    private(set) var isTooLarge = false

    static let limit = 64 << 20

    /// One header line, its ending included; a status line begins a new answer (after `100 Continue`).
    func append(headerLine bytes: UnsafeRawBufferPointer) {
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), value.trimmingBlanks))
        }
    }

    /// Adds a piece of the body.
    ///
    /// - Returns: False when it would not fit.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= Self.limit else {
            isTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        var rest = self
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
