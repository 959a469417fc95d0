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
    private let queue: String
    private let prefetch: UInt16
    private let logger: Logger
    private let surroundings: ConnectionLoop<ConsumingRole>.Surroundings

    /// Prepares a consumer; nothing is opened yet.
    /// - Parameters:
    ///   - settings: Where and how to connect.
    ///   - queue: Must be in `topology` or exist already.
    ///   - prefetch: Most unsettled deliveries at once, 1 to 2000 (quorum queues cap it there). Bounds how many
    ///     bodies are in memory, not how large they are.
    ///   - topology: Declared on every connection before consuming.
    ///   - logger: Told when the connection is lost and when it is back, once each way.
    public init(settings: BrokerSettings, queue: String, prefetch: Int, topology: Topology, logger: Logger) {
        self.queue = queue
        self.prefetch = UInt16(clamping: min(max(prefetch, 1), 2000))
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

    /// The deliveries one by one, for a single reader.
    public var deliveries: Deliveries { Deliveries(consumer: self) }

    /// Tells the broker what became of a delivery.
    ///
    /// Any task; never blocks, and cannot fail: a delivery of a lost connection is the broker's again already.
    /// Acknowledgements of one turn leave as one `multiple` frame where every older delivery is acknowledged too.
    /// - Precondition: Each delivery is settled once.
    public func settle(_ tag: DeliveryTag, _ settlement: Settlement) {
        if mailbox.offer(.role(.settle(tag, settlement))) == .full {
            logger.error("A settlement was dropped; the broker delivers again after the connection ends")
        }
    }

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
        let role = ConsumingRole(
            queue: queue,
            prefetch: prefetch,
            buffer: buffer,
            epoch: epoch,
            logger: logger
        )
        try await ConnectionLoop.runOnThread(named: "amqp:consume", role, surroundings)
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
