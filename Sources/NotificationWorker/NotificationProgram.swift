import OrderEvents
import ServiceKit

/// `notification-worker`: writes to customers.
@main
enum NotificationProgram {
    /// Everything that makes this worker what it is.
    static let program = WorkerProgram(
        service: "notification",
        exchange: OrderEvents.exchangeName,
        summary: "confirms orders to customers",
        migrations: NotificationSchema.migrations,
        settings: NotificationSettings.init(reading:),
        handlers: { settings, context in
            [
                NotificationHandler(
                    store: NotificationStore(database: context.database),
                    template: try MailTemplate.load("order-created", from: settings.templates),
                    transport: try settings.makeTransport(),
                    logger: context.logger,
                    metrics: context.metrics
                )
            ]
        }
    )

    static func main() async {
        await program.main()
    }
}
