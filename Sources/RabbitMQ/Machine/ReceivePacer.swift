/// Decides when the socket is left alone for a moment, so that the next read finds more.
///
/// Pure. In a dense stream, a thread that reads each few messages as they come, wakes a handler for them and is woken to
/// acknowledge them spends more on waking than on the messages. After a turn that brought several it therefore rests
/// before it reads again, as network cards moderate their interrupts: what comes meanwhile is read at once. What comes
/// alone is read when it comes.
struct ReceivePacer {
    /// How long the socket is left alone; of it a message waits half on average.
    static let pause = Duration.microseconds(200)
    /// So many messages in one turn are a dense stream.
    static let dense = 4

    private var isDue = false

    /// A turn of reading brought so many messages.
    mutating func turnEnded(bringing count: Int) {
        isDue = count >= Self.dense
    }

    /// The rest before the next read, once for each turn.
    mutating func takePause() -> Duration? {
        defer { isDue = false }
        return isDue ? Self.pause : nil
    }
}
