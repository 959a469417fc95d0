public import Logging
public import RabbitMQ
public import ServiceLifecycle
internal import Synchronization

/// Consumes a service's own queue and applies its handlers, at least once each, in effect exactly once.
///
/// Start more instances, in this or other processes, and the broker shares the queue's events among them. On start and
/// after every lost connection the service's topology is declared.
///
/// Stops on graceful shutdown or cancellation: takes no more events, lets those in hand finish until the drain deadline,
/// settles them, closes. What is then still in hand goes back to the queue.
public final class Worker: Service {
    private let settings: WorkerSettings
    private let consumer: Consumer
    private let publisher: Publisher
    private let intake: DeliveryIntake
    private let reporter: OutcomeReporter?
    private let logger: Logger
    private let hasRun = Mutex(false)

    /// Prepares a worker; nothing is opened yet.
    /// - Parameters:
    ///   - connections: The service's way to the broker.
    ///   - handlers: One for each type of event that it handles; other types are acknowledged and counted.
    ///   - journal: Finds the events that end their worker. Without it they come back up to the broker's limit.
    public init(
        _ connections: WorkerConnections,
        handlers: [any EventHandler],
        journal: (any HandlingJournal)? = nil
    ) {
        settings = connections.settings
        logger = connections.logger
        consumer = connections.consumer
        publisher = connections.publisher
        reporter = settings.outcomesExchange.map { [connections] exchange in
            OutcomeReporter(
                service: connections.service,
                exchange: exchange,
                publisher: connections.publisher,
                logger: connections.logger
            )
        }
        let metrics = WorkerMetrics(service: connections.service)
        let processor = DeliveryProcessor(
            service: connections.service,
            settings: settings,
            handlers: HandlerTable(handlers),
            consumer: consumer,
            publisher: publisher,
            metrics: metrics,
            reporter: reporter,
            journal: journal,
            logger: logger
        )
        intake = DeliveryIntake(
            consumer: consumer,
            processor: processor,
            metrics: metrics,
            logger: logger
        )
    }

    /// Prepares a worker whose handlers publish nothing themselves.
    /// - Parameters:
    ///   - service: The service, whose name its queue has.
    ///   - handlers: One for each type of event that it handles; other types are acknowledged and counted.
    ///   - settings: How much at once, how long to drain, when to retry.
    ///   - broker: How to reach the broker; two connections, one consumes, one publishes.
    ///   - journal: Finds the events that end their worker.
    ///   - logger: Told of retries, dead letters and the connections' losses.
    public convenience init(
        service: String,
        handlers: [any EventHandler],
        settings: WorkerSettings,
        broker: BrokerSettings,
        journal: (any HandlingJournal)? = nil,
        logger: Logger
    ) {
        let connections = WorkerConnections(
            service: service,
            settings: settings,
            broker: broker,
            logger: logger
        )
        self.init(connections, handlers: handlers, journal: journal)
    }

    /// How the connections stand: the consuming one, or the publishing one where that is the worse.
    ///
    /// Any task; reads memory only.
    public var status: ConnectionStatus {
        consumer.status.isOpen ? publisher.status : consumer.status
    }

    /// Whether events are taken from the queue, and failed ones can be handed on.
    public var isReady: Bool { status.isOpen }

    /// Works until it is shut down or cancelled.
    ///
    /// Returns at most 10 s after the drain deadline, given handlers that end when they are cancelled then; a handler
    /// that does not keeps it from returning, and the program's own shutdown limit ends the process.
    ///
    /// - Throws: ``RabbitMQ/RabbitMQError`` `shutDown` when it ran before, and where the system has no thread left.
    public func run() async throws {
        let isFirst = hasRun.withLock { hasRun in
            defer { hasRun = true }
            return !hasRun
        }
        guard isFirst else { throw RabbitMQError(.shutDown, during: .run, "run() was called before") }
        try await withThrowingTaskGroup(of: Void.self) { connections in
            connections.addTask { [consumer] in try await consumer.runUntilStopped() }
            connections.addTask { [publisher, consumer] in
                // Without a publisher no failure can be recorded: take nothing that may fail.
                defer { consumer.cancel() }
                try await publisher.runUntilStopped()
            }
            await withTaskGroup(of: Void.self) { reporting in
                reporting.addTask { [reporter] in await reporter?.run() }
                await withGracefulShutdownHandler {
                    await handleEverything()
                } onGracefulShutdown: { [consumer] in
                    consumer.cancel()
                }
                // Settlements were offered before this, so they leave before the connection closes.
                consumer.stop()
                // The last outcomes are about these settlements; a broker that takes nothing now loses them.
                reporter?.finish()
                reporting.addTask { try? await Task.sleep(for: OutcomeReporter.stopPatience) }
                await reporting.next()
                reporting.cancelAll()
            }
            publisher.stop()
            try await connections.waitForAll()
        }
    }

    private enum Ending: Sendable {
        case handlerFinished
        case timeIsKept
        case drainIsOver
    }

    private func handleEverything() async {
        await withTaskGroup(of: Ending.self) { group in
            for _ in 0..<settings.concurrency {
                group.addTask { [intake] in
                    await intake.work()
                    return .handlerFinished
                }
            }
            group.addTask { [intake] in
                await intake.keepTime()
                return .timeIsKept
            }
            group.addTask { [settings, logger] in
                guard (try? await gracefulShutdown()) != nil else { return .timeIsKept }
                logger.info(
                    "Draining: no new events are taken",
                    metadata: ["deadline": "\(DelayText.text(for: settings.drain))"]
                )
                guard (try? await Task.sleep(for: settings.drain)) != nil else { return .timeIsKept }
                return .drainIsOver
            }
            var working = settings.concurrency
            while working > 0, let ending = await group.next() {
                switch ending {
                case .handlerFinished: working -= 1
                case .timeIsKept: break
                case .drainIsOver:
                    logger.warning("The drain deadline has come; unfinished events go back to the queue")
                    working = 0
                }
            }
            group.cancelAll()
        }
    }
}
