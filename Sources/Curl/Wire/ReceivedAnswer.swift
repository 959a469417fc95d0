/// Collects an answer while libcurl reads it.
///
/// Owning thread only.
final class ReceivedAnswer {
    private(set) var headers: [HTTPRequest.Header] = []
    private(set) var body: [UInt8] = []
    /// Whether something did not fit.
    private(set) var isTooLarge = false

    private static let headerLimit = 256 << 10
    private let limit: HTTPRequest.AnswerLimit
    private var headerBytes = 0

    init(_ limit: HTTPRequest.AnswerLimit = .cut(at: 0)) {
        self.limit = limit
    }

    /// Whether it counts as an answer although it was too large; the status of an interim answer tells nothing.
    func isCut(status: Int) -> Bool {
        guard isTooLarge, status >= 200, case .cut = limit else { return false }
        return true
    }

    /// One header line, its ending included; a status line begins a new answer (after `100 Continue`).
    ///
    /// - Returns: False when it would not fit.
    func append(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            isTooLarge = true
            return false
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), value.trimmingBlanks))
        }
        return true
    }

    /// Adds a piece of the body.
    ///
    /// - Returns: False when it would not fit.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let most =
            switch limit {
            case .refuse(let most), .cut(let most): most
            }
        guard body.count + bytes.count <= most else {
            isTooLarge = true
            unsafe body.append(contentsOf: bytes.prefix(max(0, most - body.count)))
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
