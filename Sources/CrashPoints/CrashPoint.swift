/// A place between two steps at which a test can end the program, as `kill -9` would.
///
/// Only a build with the environment variable `CRASH_POINTS` has them: in every other one ``reached(_:)`` is empty, and
/// nothing reads the environment. In such a build the environment of the program says where it ends:
///
/// | `CRASH_AT` | ends the program |
/// | --- | --- |
/// | `effect-committed` | at the first passing, and again after each restart |
/// | `effect-committed:3` | at the third passing |
/// | `handler-called=<event id>` | whenever the handler is called with this event; only the points that tell the event |
/// | `effect-committed:3@/tmp/once` | at the third passing or the first later one for which the file exists; it is removed before, so that a restart goes on, and of several programs one ends |
/// | `@/tmp/points/` | at the next passing of any point for which a file of its name is in the directory; it is removed before |
///
/// The name of a point is that of its case in lower kebab. A `CRASH_AT` that cannot be read ends the program with 78 and
/// says so, since a test that arms nothing would prove nothing.
public enum CrashPoint: CaseIterable, Sendable {
    // A worker, from delivery to acknowledgement.

    /// A delivery is in our hands.
    case deliveryReceived
    /// It is an event of ours; nothing was done.
    case deliveryDecoded
    /// The handler is about to be called.
    case handlerCalled
    /// The transport has a customer's message; no record of ours says so.
    case messageSent
    /// The handler's effect is on disk; nobody knows.
    case effectCommitted
    /// The handler has answered; the broker does not know.
    case outcomeDecided
    /// The broker has the copy of a failed event, and the original too.
    case copyConfirmed
    /// The settlement is on its way to the connection's thread.
    case settlementHandedOver
    /// Settlements were given to the socket.
    case settlementWritten

    // Whoever publishes.

    /// Messages were given to the socket; no confirm has come.
    case publishWritten

    // The order service, from request to published event.

    /// The request is read and valid; nothing is on disk.
    case requestRead
    /// Order and event are on disk; the client does not know.
    case orderCommitted
    /// The answer was given to the connection.
    case answerWritten
    /// The broker has the event; the outbox does not know.
    case publishConfirmed
    /// The event has left the outbox.
    case publishMarked
}

#if CRASH_POINTS
extension CrashPoint {
    /// Says that the program has come so far; ends it where `CRASH_AT` says so.
    ///
    /// Any thread; costs a lock, and a look at the file system for an armed point.
    ///
    /// - Parameters:
    ///   - point: How far it has come.
    ///   - subject: The id of the event in hand, so that one event alone can end it.
    public static func reached(_ point: CrashPoint, with subject: @autoclosure () -> String? = nil) {
        CrashSwitch.passed(point, with: subject())
    }
}
#else
extension CrashPoint {
    /// Does nothing: this build has no crash points.
    @inlinable
    public static func reached(_ point: CrashPoint, with subject: @autoclosure () -> String? = nil) {}
}
#endif
