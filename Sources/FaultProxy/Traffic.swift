/// What a proxy has seen since it began.
public struct Traffic: Hashable, Sendable {
    /// Connections of clients that it took in.
    public internal(set) var accepted = 0
    /// Those of them that are open now.
    public internal(set) var open = 0
    /// Bytes handed on to the server.
    public internal(set) var bytesToServer = 0
    /// Bytes handed on to clients.
    public internal(set) var bytesToClient = 0
}
