import Logging
import OrderEvents
import ServiceKit
import WorkQueue

/// `notification-worker`: writes to customers.
@main
enum NotificationProgram {
    /// Everything that makes this worker what it is.
    static let program = WorkerProgram(
        service: "notification",
        exchange: OrderEvents.exchangeName,
        summary: "tells customers what became of their orders",
        migrations: NotificationSchema.migrations,
        settings: NotificationSettings.init(reading:),
        handlers: { settings, context in
            let writer = try settings.makeWriter(logger: context.logger)
            let outlets = try settings.makeOutlets(logger: context.logger, metrics: context.metrics)
            let notifier = Notifier(
                store: NotificationStore(database: context.database),
                outlets: outlets,
                logger: context.logger,
                metrics: context.metrics
            )
            context.health.register("transport") { outlets.health }
            context.metrics.describe("circuit_breaker_open", as: "1 while messages wait for the transport.")
            return [
                NotificationHandler<OrderCreated>(writer: writer, notifier: notifier),
                NotificationHandler<InventoryRejected>(writer: writer, notifier: notifier),
            ]
        }
    )

    static func main() async {
        await program.main()
    }
}
