internal import Confinement
public import Logging
public import ServiceLifecycle

/// Consumes one queue with manual acknowledgements, over a connection of its own that comes back by itself.
///
/// Useless until ``run()`` runs. After a lost connection the topology is declared again and the consumer restored; what
/// was unsettled comes again from the broker, and settlements of the old connection are dropped, never sent.
public final class Consumer: Service {
    private let mailbox = Mailbox<LoopCommand<ConsumingRole.Command>>(capacity: 1 << 16)
    private let box = StatusBox()
    private let runGuard = RunGuard()
    private let buffer = DeliveryBuffer()
    private let epoch = EpochBox()
    private let deafness = DeafnessCounter()
    private let role: ConsumingRole.Surroundings
    private let logger: Logger
    private let surroundings: ConnectionLoop<ConsumingRole>.Surroundings

    /// Prepares a consumer; nothing is opened yet.
    /// - Parameters:
    ///   - settings: Where and how to connect.
    ///   - queue: Must be in `topology` or exist already.
    ///   - prefetch: Most unsettled deliveries at once, 1 to 2000 (quorum queues cap it there). Bounds how many
    ///     bodies are in memory, not how large they are.
    ///   - topology: Declared on every connection before consuming.
    ///   - first: What a fresh connection takes before ``take(_:after:)`` says otherwise; default all of `prefetch`.
    ///   - logger: Told when the connection is lost and when it is back, once each way.
    public convenience init(
        settings: BrokerSettings,
        queue: String,
        prefetch: Int,
        topology: Topology,
        first: Intake = .full,
        logger: Logger
    ) {
        self.init(
            settings: settings,
            queue: queue,
            prefetch: prefetch,
            topology: topology,
            first: first,
            watchInterval: Self.watchInterval,
            logger: logger
        )
    }

    /// How long a subscription may be silent before the broker is asked whether exchange, bindings and queue are there,
    /// and whether messages wait.
    ///
    /// A question costs the broker less than one message; an event that is published while a binding is missing is lost
    /// to this queue, so it is asked often.
    private static let watchInterval = Duration.seconds(10)

    /// The same with another interval, for tests.
    package init(
        settings: BrokerSettings,
        queue: String,
        prefetch: Int,
        topology: Topology,
        first: Intake = .full,
        watchInterval: Duration,
        logger: Logger
    ) {
        role = ConsumingRole.Surroundings(
            queue: queue,
            prefetch: UInt16(clamping: min(max(prefetch, 1), 2000)),
            first: first,
            upkeep: topology.upkeep(as: settings.topologyDuty),
            duty: settings.topologyDuty,
            watchInterval: watchInterval,
            buffer: buffer,
            epoch: epoch,
            deafness: deafness,
            logger: logger
        )
        self.logger = logger
        surroundings = .init(
            settings: settings.named("consume"),
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

    /// Takes the next deliveries, waiting for the first.
    ///
    /// Several tasks may call it at once; each delivery goes to one of them.
    /// - Parameter limit: Most deliveries to return, at least 1.
    /// - Returns: `nil` when no more will come, or when the calling task is cancelled.
    public func next(upTo limit: Int) async -> [Delivery]? {
        await buffer.take(upTo: max(limit, 1))
    }

    /// Takes the next delivery, waiting for it.
    ///
    /// Several tasks may call it at once; each delivery goes to one of them. While handling is said to take less than
    /// 10 µs, one of them gets everything that comes, and another joins in after 1 to 2 ms in which it did not go on so.
    /// - Parameter handling: How long the caller took for the delivery before, from this call's return; `nil` where that is
    ///   not known.
    /// - Returns: `nil` when no more will come, or when the calling task is cancelled.
    public func next(afterHandlingIn handling: Duration? = nil) async -> Delivery? {
        if let ready = buffer.takeFirst(after: handling) { return ready }
        return await buffer.take(upTo: 1)?.first
    }

    /// The deliveries one by one, for a single reader.
    public var deliveries: Deliveries { Deliveries(consumer: self) }

    /// Tells the broker what became of a delivery.
    ///
    /// Any task; never blocks, and cannot fail: a delivery of a lost connection is the broker's again already.
    /// Acknowledgements of one turn leave as one `multiple` frame where every older delivery is acknowledged too.
    /// - Precondition: Each delivery is settled once.
    public func settle(_ tag: DeliveryTag, _ settlement: Settlement) {
        if mailbox.offer(.role(.settle(tag, settlement)), isPatient: settlement == .acknowledge) == .full {
            logger.error("A settlement was dropped; the broker delivers again after the connection ends")
        }
    }

    /// Takes more or less at once from now on, until the connection is lost.
    ///
    /// What was delivered stays in hand, whatever it is. Any task; never blocks.
    /// - Parameters:
    ///   - intake: How much.
    ///   - tag: A delivery of the connection that is meant; nothing happens if that is gone.
    public func take(_ intake: Intake, after tag: DeliveryTag) {
        _ = mailbox.offer(.role(.take(intake, epoch: tag.epoch)), isUrgent: true)
    }

    /// Takes nothing more, and returns when the broker can send nothing more.
    ///
    /// A broker that does not answer within 5 s loses the connection. Any task; ``take(_:after:)`` ends the pause.
    /// - Parameter tag: A delivery of the connection that is meant.
    /// - Returns: The ``DeliveryTag/number`` of the last delivery, all of which ``next(upTo:)`` has or will hand out;
    ///   `nil` where that connection is gone, the pause has ended, or the calling task was cancelled.
    public func pause(after tag: DeliveryTag) async -> UInt64? {
        let reply = OnceReply<UInt64?>(to: "a pause of the consumer")
        if mailbox.offer(.role(.pause(epoch: tag.epoch, reply)), isUrgent: true) != .accepted {
            reply.answer(nil)
        }
        return await reply.value() ?? nil
    }

    /// How often the connection was given up because nothing was delivered although messages waited.
    ///
    /// Any task; reads memory only.
    public var resubscriptions: Int { deafness.resubscriptions }

    /// How often the broker has answered what an idle consumer asks, for tests.
    package var answers: Int { deafness.answers }

    /// Takes no more from the queue.
    ///
    /// ``next(upTo:)`` hands out what has arrived and then ends; settling goes on.
    public func cancel() {
        _ = mailbox.offer(.role(.cancel), isUrgent: true)
    }

    /// Begins to close: settlements made so far are sent, then ``run()`` returns.
    ///
    /// Unsettled deliveries go back.
    public func stop() {
        _ = mailbox.offer(.stop, isUrgent: true)
    }

    /// Whether the connection that brought this delivery is gone, so that the broker delivers it again.
    ///
    /// Any task; reads memory only. Once true it stays true.
    public func isStale(_ tag: DeliveryTag) -> Bool {
        epoch.current != tag.epoch
    }

    /// Connects, and again whenever the connection is lost, until ``stop()`` or cancellation.
    ///
    /// Graceful shutdown calls ``cancel()`` only, so that handlers can finish and settle; whoever handles the
    /// deliveries calls ``stop()`` then.
    /// - Throws: ``RabbitMQError`` `shutDown` when it ran before; `ConfinedThread.Unavailable`.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await runUntilStopped()
        } onGracefulShutdown: {
            self.cancel()
        }
    }

    /// The same, but deaf to graceful shutdown: for an owner that decides itself when to cancel.
    /// - Throws: As ``run()``.
    public func runUntilStopped() async throws {
        try runGuard.begin()
        // Whoever waits for deliveries is told, also where no thread could be started.
        defer { buffer.finish() }
        try await ConnectionLoop.runOnThread(named: "amqp:consume", ConsumingRole(self.role), surroundings)
    }
}

/// The deliveries of a consumer, one by one.
public struct Deliveries: AsyncSequence, Sendable {
    /// One delivery.
    public typealias Element = Delivery

    let consumer: Consumer

    /// Begins to read.
    ///
    /// Deliveries go to whoever asks first, so read one sequence once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(consumer: consumer)
    }

    /// Reads batches from the consumer and hands out one delivery at a time.
    public struct Iterator: AsyncIteratorProtocol {
        let consumer: Consumer
        private var batch: ArraySlice<Delivery> = []

        init(consumer: Consumer) {
            self.consumer = consumer
        }

        /// The next delivery, or `nil` when no more will come.
        public mutating func next() async -> Delivery? {
            if batch.isEmpty {
                guard let more = await consumer.next(upTo: 64) else { return nil }
                batch = more[...]
            }
            return batch.popFirst()
        }
    }
}
