public import Logging
public import RabbitMQ

/// A service's way to the broker: one connection consumes, one publishes.
///
/// Made before the handlers, which may publish through it, and run by the ``Worker`` made from it; nothing is opened
/// before.
public struct WorkerConnections: Sendable {
    let service: String
    let settings: WorkerSettings
    let consumer: Consumer
    let publisher: Publisher
    let logger: Logger

    /// For handlers that tell other services something; usable once the worker runs.
    public let events: EventPublisher

    /// Prepares the connections.
    /// - Parameters:
    ///   - service: The service, whose name its queue has.
    ///   - settings: How the worker works.
    ///   - broker: How to reach the broker.
    ///   - extra: Declared together with the service's own topology.
    ///   - logger: Told of the connections' losses.
    public init(
        service: String,
        settings: WorkerSettings,
        broker: BrokerSettings,
        extra: Topology = Topology(),
        logger: Logger
    ) {
        var topology =
            Topology.service(
                service,
                of: settings.exchange,
                retry: settings.retry,
                filter: settings.brokerFilter
            ) + extra
        if let outcomes = settings.outcomesExchange {
            topology = topology + .outcomes(exchange: outcomes)
        }
        self.service = service
        self.settings = settings
        self.logger = logger
        consumer = Consumer(
            settings: broker,
            queue: ServiceNames(service).queue,
            prefetch: max(settings.prefetch, settings.concurrency),
            topology: topology,
            // Who ended the worker before us may be the first; nobody should be beside it.
            first: .single,
            logger: logger
        )
        publisher = Publisher(settings: broker, topology: topology, logger: logger)
        events = EventPublisher(publisher, exchange: settings.exchange)
    }
}
