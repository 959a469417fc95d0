internal import Confinement
public import Logging
public import ServiceLifecycle

/// Publishes with confirms, over a connection of its own that comes back by itself.
///
/// Useless until ``run()`` runs. Its connection is named `<name> publish` in the management UI and is used for nothing
/// else: under an alarm the broker stops reading it, and nobody's acknowledgement stands behind it then.
///
/// Every publish is `mandatory`. Publishes are written in the order of the calls; many wait for their confirms at once.
public final class Publisher: Service {
    private let mailbox = Mailbox<LoopCommand<PublishingRole.Command>>(capacity: 8192)
    private let box = StatusBox()
    private let runGuard = RunGuard()
    private let surroundings: ConnectionLoop<PublishingRole>.Surroundings

    /// Prepares a publisher; nothing is opened yet.
    /// - Parameters:
    ///   - settings: Where and how to connect.
    ///   - topology: Declared on every connection before the first publish.
    ///   - logger: Told when the connection is lost and when it is back, once each way.
    public init(settings: BrokerSettings, topology: Topology, logger: Logger) {
        surroundings = .init(
            settings: settings.named("publish"),
            topology: topology,
            mailbox: mailbox,
            status: box,
            logger: logger,
            stopPatience: .seconds(5)
        )
    }

    /// How the connection stands.
    ///
    /// Any task; reads memory only.
    public var status: ConnectionStatus { box.current }

    /// Connects, and again whenever the connection is lost, until it is stopped.
    ///
    /// Ends after graceful shutdown, ``stop()`` or cancellation: what waits for a confirm gets up to 5 s; then the
    /// connection is closed, and everything unanswered is answered *unknown* or *not sent*.
    /// - Throws: ``RabbitMQError`` `shutDown` when it ran before; `ConfinedThread.Unavailable`.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await runUntilStopped()
        } onGracefulShutdown: {
            self.stop()
        }
    }

    /// The same, but deaf to graceful shutdown: for an owner that still publishes while it drains.
    /// - Throws: As ``run()``.
    public func runUntilStopped() async throws {
        try runGuard.begin()
        try await ConnectionLoop.runOnThread(named: "amqp:publish", PublishingRole(), surroundings)
    }

    /// Begins to stop; ``run()`` returns when it is done.
    ///
    /// Any task; never blocks.
    public func stop() {
        _ = mailbox.offer(.stop, isUrgent: true)
    }

    /// Publishes one message and returns when its fate is known.
    ///
    /// - Parameters:
    ///   - message: Where and what.
    ///   - patience: Longest wait, from the call. While there is no connection the message waits for one.
    /// - Returns: The outcome; `unknown` by the deadline at the latest, or when the calling task is cancelled. The
    ///   message is not withdrawn then.
    /// - Note: Any task; never blocks a thread. To publish many, use ``publish(contentsOf:within:)``.
    public func publish(_ message: OutgoingMessage, within patience: Duration) async -> PublishOutcome {
        await publish(contentsOf: [message], within: patience).first ?? .notSent("nothing to send")
    }

    /// Publishes several messages, one after the other without waiting in between, and returns when all fates are known.
    ///
    /// - Parameters:
    ///   - messages: Written in this order. At most 100 000 messages wait in one publisher; more are `notSent`.
    ///   - patience: Longest wait for all of them, from the call.
    /// - Returns: One outcome a message, in the order of `messages`.
    /// - SeeAlso: RabbitMQ guide *Publisher Confirms*; AMQP 0-9-1 `basic.publish`.
    public func publish(
        contentsOf messages: [OutgoingMessage],
        within patience: Duration
    ) async -> [PublishOutcome] {
        let deadline = Deadline.after(patience)
        guard await runGuard.waitUntilBegun(by: deadline) else {
            return messages.map { _ in .notSent("the publisher is not running") }
        }
        let reply = OnceReply<[PublishOutcome]>(to: "publish")
        let command = PublishingRole.Submission(messages: messages, deadline: deadline, reply: reply)
        let refusal: String
        switch mailbox.offer(.role(.publish(command))) {
        case .accepted:
            return await reply.value() ?? messages.map { _ in .unknown("the caller was cancelled") }
        case .full: refusal = "too many publishes wait already"
        case .closed: refusal = "the publisher has stopped"
        }
        let outcomes = messages.map { _ in PublishOutcome.notSent(refusal) }
        reply.answer(outcomes)
        return outcomes
    }

    /// Declares the topology again, over a new connection.
    ///
    /// For a message that is unroutable although the topology has a way for it: somebody deleted a queue. Publishes that
    /// wait for a confirm become `unknown`. Any task; never blocks.
    public func declareAgain() {
        _ = mailbox.offer(.role(.startOver))
    }
}
