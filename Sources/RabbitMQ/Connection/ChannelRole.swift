internal import Confinement

/// What a connection is for: publishing, consuming or operating.
///
/// A role lives on the connection's thread and holds no socket: it is told facts and writes frames into a sink.
protocol ChannelRole: SendableMetatype {
    /// What tasks ask of it, through the mailbox.
    associatedtype Command: Sendable

    /// Whether its writing rests while the broker has blocked the connection.
    static var restsWhileBlocked: Bool { get }

    /// What prepares a fresh channel, after the topology is declared.
    var opening: [OutboundMethod] { get }

    /// The channel is prepared; numbering starts anew.
    mutating func channelOpened()

    /// The channel is gone. Called only after ``channelOpened()``.
    mutating func channelLost(_ error: RabbitMQError)

    /// A method arrived that carries no content.
    mutating func received(_ method: InboundMethod) throws(RabbitMQError)

    /// The broker closed the channel.
    ///
    /// - Returns: The error that ends the connection, in the words of whoever asked for what was refused.
    func refused(_ code: ReplyCode, _ text: String) -> RabbitMQError

    /// A message arrived.
    mutating func received(_ content: consuming ContentAssembly.Content) throws(RabbitMQError)

    /// A task asked for something.
    mutating func perform(_ command: Command, at now: Deadline)

    /// Writes what is due; the channel is open. Comes back next turn when the sink is full.
    mutating func write(to sink: inout some FrameSink & ~Copyable) throws(RabbitMQError)

    /// The next writing is the last: nothing waits any more.
    mutating func hurry()

    /// What was written in this turn was offered to the socket.
    mutating func sent()

    /// All frames of this turn have been handed in.
    mutating func turnEnded()

    /// A moment before the next read in which commands gather, if there should be one.
    mutating func takePause() -> ReadPause?

    /// Answers everybody whose deadline has come.
    mutating func expire(at now: Deadline)

    /// When to call ``expire(at:)`` at the latest.
    var nextDeadline: Deadline? { get }

    /// Whether nothing waits for the broker, so that closing interrupts nobody.
    var isIdle: Bool { get }

    /// The thread ends: everybody who waits is answered.
    mutating func shutDown()

    /// A command came too late, after the thread ended.
    func refuse(_ command: Command)
}

extension ChannelRole {
    mutating func hurry() {}

    mutating func takePause() -> ReadPause? { nil }

    func refused(_ code: ReplyCode, _ text: String) -> RabbitMQError {
        RabbitMQError(.refused(code), during: .run, text)
    }
}

/// How long the socket is left alone.
struct ReadPause: Equatable {
    var length: Duration
    /// So many commands end it.
    var company: Int
}

/// What reaches a connection's thread through its mailbox.
enum LoopCommand<Command: Sendable>: Sendable {
    case role(Command)
    /// The resolver answered for this attempt.
    indirect case resolved(attempt: Int, Result<Way, RabbitMQError>)
    /// Finish what is on the way, close, end.
    case stop
}
