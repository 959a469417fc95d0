/// What the wire does to the bytes of one direction.
///
/// Order is kept always. What waits is bounded (256 KiB a direction of a connection, then the sender feels
/// backpressure), but for `swallow`, which keeps nothing.
public enum Treatment: Hashable, Sendable {
    /// Hands them on at once.
    case pass
    /// Hands nothing on, as a frozen peer or a dead route would; the connection stays open.
    case stall
    /// Hands each byte on this long after it came.
    case delay(Duration)
    /// Hands on at most `bytes` at a time (at least 1), then rests.
    case drip(bytes: Int, every: Duration)
    /// Takes them and throws them away, as a route that drops packets would look to a writer.
    case swallow
    /// Hands on so many more of each connection, and resets that connection when the next one comes.
    ///
    /// Cuts in the middle of a frame, at a place that a seed can choose.
    case cut(afterBytes: Int)
}

/// Where bytes go.
public enum Direction: Hashable, Sendable, CaseIterable {
    /// From the clients to the server behind the proxy.
    case toServer
    /// From the server to the clients.
    case toClient
}
