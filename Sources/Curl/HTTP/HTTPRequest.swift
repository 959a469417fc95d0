/// One HTTP request.
public struct HTTPRequest: Sendable {
    /// A header's name and value.
    public typealias Header = (name: String, value: String)

    /// How much of an answer's body is taken, in bytes; of its headers it is 256 KiB always.
    public enum AnswerLimit: Hashable, Sendable {
        /// A longer one is an error, `tooLarge`.
        case refuse(above: Int)
        /// A longer one is cut there and its rest not read, as if it had ended; headers beyond their limit too.
        case cut(at: Int)
    }

    /// `GET`, `POST` and so on.
    public var method: String
    /// `http` or `https`, whole.
    public var url: String
    /// Sent beside those that the client adds (`Host`, `Content-Length`).
    public var headers: [Header]
    /// The body; `nil` sends none.
    public var body: [UInt8]?
    /// User and password for basic authorization; a secret.
    public var login: (user: String, password: String)?
    /// How long everything may take, waiting for a free connection included.
    public var timeout: Duration
    /// How much of the answer is taken; a ``HTTPStream`` bounds the headers alone.
    public var answerLimit: AnswerLimit
    /// As the client says.
    var authorities: String?

    /// Describes a request.
    public init(
        _ method: String = "GET",
        _ url: String,
        headers: [Header] = [],
        body: [UInt8]? = nil,
        login: (user: String, password: String)? = nil,
        timeout: Duration = .seconds(10),
        answerLimit: AnswerLimit = .refuse(above: 64 << 20)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.login = login
        self.timeout = timeout
        self.answerLimit = answerLimit
    }
}

/// What a server answered, whatever its status.
public struct HTTPResponse: Sendable {
    /// The status code, 100…599.
    public let status: Int
    /// Every header, in the order received.
    public let headers: [HTTPRequest.Header]
    /// The whole body; where the request asks for that, cut at its limit.
    public let body: [UInt8]

    /// The first header of that name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
