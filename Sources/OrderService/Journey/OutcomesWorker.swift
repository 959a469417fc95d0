import EventLog
import Logging
import OrderEvents
import RabbitMQ
import WorkQueue

/// The order service as a consumer: what became of its events, and what other services publish.
enum OutcomesWorker {
    /// Each message is a batch of up to 256 outcomes, so a few at once are many.
    private static let concurrency = 4
    /// A batch takes milliseconds; what is not done by then is delivered again.
    private static let drain = Duration.seconds(5)

    static func make(
        _ settings: OrderServiceSettings,
        journeys: JourneyStore,
        log: EventLog,
        logger: Logger
    ) -> Worker {
        let connections = WorkerConnections(
            service: Topology.orderServiceName,
            settings: WorkerSettings(
                prefetch: concurrency * 4,
                concurrency: concurrency,
                drain: drain,
                retry: settings.retry,
                exchange: OrderEvents.outcomesExchangeName
            ),
            // Told apart in the management UI from the connection that publishes orders.
            broker: settings.broker.named("outcomes"),
            extra: .othersEvents,
            logger: logger
        )
        return Worker(
            connections,
            handlers: [OutcomesHandler(journeys), LoggingHandler<InventoryRejected>(log: log)]
        )
    }
}
