public import Logging
public import RabbitMQ
public import ServiceLifecycle

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
    private let processor: DeliveryProcessor
    private let logger: Logger

    /// Prepares a worker; nothing is opened yet.
    /// - Parameters:
    ///   - service: The service, whose name its queue has.
    ///   - handlers: One for each type of event that it handles; other types are acknowledged and counted.
    ///   - settings: How much at once, how long to drain, when to retry.
    ///   - broker: How to reach the broker; two connections, one consumes, one publishes.
    ///   - logger: Told of retries, dead letters and the connections' losses.
    public init(
        service: String,
        handlers: [any EventHandler],
        settings: WorkerSettings,
        broker: BrokerSettings,
        logger: Logger
    ) {
        let topology = Topology.service(service, of: settings.exchange, retry: settings.retry)
        self.settings = settings
        self.logger = logger
        consumer = Consumer(
            settings: broker,
            queue: ServiceNames(service).queue,
            prefetch: max(settings.prefetch, settings.concurrency),
            topology: topology,
            logger: logger
        )
        publisher = Publisher(settings: broker, topology: topology, logger: logger)
        processor = DeliveryProcessor(
            service: service,
            settings: settings,
            handlers: HandlerTable(handlers),
            consumer: consumer,
            publisher: publisher,
            metrics: WorkerMetrics(service: service),
            logger: logger
        )
    }

    /// How the consuming connection stands.
    ///
    /// Any task; reads memory only.
    public var status: ConnectionStatus { consumer.status }

    /// Whether events are being taken from the queue.
    public var isReady: Bool { status.isOpen }

    /// Works until it is shut down or cancelled; at most the drain deadline and 10 s longer.
    /// - Throws: ``RabbitMQ/RabbitMQError`` `shutDown` when it ran before, and where the system has no thread left.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { connections in
            connections.addTask { [consumer] in try await consumer.runUntilStopped() }
            connections.addTask { [publisher, consumer] in
                // Without a publisher no failure can be recorded: take nothing that may fail.
                defer { consumer.cancel() }
                try await publisher.runUntilStopped()
            }
            await withGracefulShutdownHandler {
                await handleEverything()
            } onGracefulShutdown: { [consumer] in
                consumer.cancel()
            }
            // Settlements were offered before this, so they leave before the connection closes.
            consumer.stop()
            publisher.stop()
            try await connections.waitForAll()
        }
    }

    private enum Ending: Sendable {
        case handlerFinished
        case drainIsOver
    }

    private func handleEverything() async {
        await withTaskGroup(of: Ending.self) { group in
            for _ in 0..<settings.concurrency {
                group.addTask { [consumer, processor, settings] in
                    // A share of the prefetch at a time, so that no task sits on what another could begin.
                    let share = max(1, settings.prefetch / settings.concurrency)
                    while let deliveries = await consumer.next(upTo: share) {
                        for delivery in deliveries where !Task.isCancelled {
                            await processor.process(delivery)
                        }
                    }
                    return .handlerFinished
                }
            }
            group.addTask { [settings, logger] in
                guard (try? await gracefulShutdown()) != nil else { return .handlerFinished }
                logger.info(
                    "Draining: no new events are taken",
                    metadata: ["deadline": "\(DelayText.text(for: settings.drain))"]
                )
                guard (try? await Task.sleep(for: settings.drain)) != nil else { return .handlerFinished }
                return .drainIsOver
            }
            var working = settings.concurrency
            while working > 0, let ending = await group.next() {
                switch ending {
                case .handlerFinished: working -= 1
                case .drainIsOver:
                    logger.warning("The drain deadline has come; unfinished events go back to the queue")
                    working = 0
                }
            }
            group.cancelAll()
        }
    }
}
