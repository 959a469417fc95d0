/// What a frame, or the frames of one message together, have brought.
enum Inbound {
    case method(channel: UInt16, InboundMethod)
    case content(ContentAssembly.Content)
    /// The broker answered with its own protocol version.
    case protocolHeader
}
