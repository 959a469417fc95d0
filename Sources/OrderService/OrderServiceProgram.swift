import Database
import EventLog
import Hummingbird
import Logging
import OrderEvents
import RabbitMQ
import ServiceKit
import WorkQueue

/// Accepts orders over HTTP, keeps them, publishes `order.created` for each, and keeps what becomes of it.
@main
enum OrderServiceProgram {
    static func main() async {
        await Program(
            name: "order-service",
            summary: "accepts orders over HTTP, keeps them and publishes order.created",
            settings: OrderServiceSettings.init(reading:)
        ) { settings, context in
            let database = try await OrderServiceStorage.open(settings.database, logger: context.logger)
            let feed = OutboxFeed(isAlone: false)
            let store = try await OrderStore(
                database,
                outboxLimit: settings.outboxLimit,
                accepted: feed.committed
            )
            let publisher = Publisher(
                settings: settings.broker,
                topology: .orderService,
                logger: context.logger
            )
            let hub = JourneyHub()
            let lease = OutboxLease(
                store: LeaseStore(database, of: store),
                feed: feed,
                logger: context.logger,
                othersWrote: hub.look
            )
            let relay = OutboxRelay(
                feed: feed,
                store: store,
                publisher: publisher,
                lease: lease,
                logger: context.logger
            )
            let journeys = JourneyStore(database, announce: hub.announce)
            let log = EventLog(database)
            let worker = OutcomesWorker.make(settings, journeys: journeys, log: log, logger: context.logger)
            let retention = Retention(
                log: log,
                journeys: journeys,
                period: settings.retention,
                logger: context.logger
            )

            OrderHealth.register(in: context.health, store: store, feed: feed) { publisher.status }
            OrderMetrics.describe(in: context.metrics, backlog: store.backlog)
            let router = Router(context: OrderRequestContext.self)
            OrderRoutes(
                store: store,
                journeys: journeys,
                hub: hub,
                retry: settings.retry,
                access: AccessMiddleware(access: settings.access, rate: settings.rate)
            )
            .add(to: router)
            AdminRoutes(health: context.health, metrics: context.metrics).add(to: router)
            let server = HTTPListener(
                router: router,
                host: settings.host,
                port: settings.port,
                portKey: "http.port",
                limits: HTTPLimits(connections: settings.connections),
                certificate: settings.certificate,
                logger: context.logger
            )
            if settings.access == .open, !Loopback.contains(settings.host) {
                context.logger.warning(
                    "Whoever reaches the order service may place and read orders: http.keys is open"
                )
            }
            // Stops from the end: first who only listens, then the customers, then what they caused, then the broker,
            // then the disk.
            return [
                OrderServiceStorage(database: database), publisher, relay, retention, worker, server, hub,
            ]
        }
        .main()
    }
}
