/// What one client of an HTTP server, and all of them together, may take up.
public struct HTTPLimits: Hashable, Sendable {
    /// Connections at once; one more gets 503 and is closed.
    public var connections: Int
    /// Bytes of one header field, and of all of a request together; beyond it 400, and the connection is closed.
    public var headBytes: Int
    /// Header fields of a request.
    public var headFields: Int
    /// Longest time from the first byte of a request's head to its last; then the connection is closed.
    public var headPatience: Duration
    /// Longest time from there to the last byte of the body; then the connection is closed.
    public var bodyPatience: Duration

    /// The limits of every server of ours where nothing else is said.
    public static let usual = HTTPLimits()

    /// Creates limits.
    ///
    /// The defaults are some times what a well-meaning client needs: browsers and proxies send heads of up to 8 KiB.
    /// - Parameters:
    ///   - connections: At least 1.
    ///   - headBytes: At least 1.
    ///   - headFields: At least 1.
    ///   - headPatience: More than nothing.
    ///   - bodyPatience: More than nothing.
    public init(
        connections: Int = 1_024,
        headBytes: Int = 16_384,
        headFields: Int = 100,
        headPatience: Duration = .seconds(15),
        bodyPatience: Duration = .seconds(60)
    ) {
        self.connections = connections
        self.headBytes = headBytes
        self.headFields = headFields
        self.headPatience = headPatience
        self.bodyPatience = bodyPatience
    }
}
