import OrderEvents
import ServiceKit

/// `analytics-worker`: counts orders.
@main
enum AnalyticsProgram {
    /// Everything that makes this worker what it is.
    static let program = WorkerProgram(
        service: "analytics",
        exchange: OrderEvents.exchangeName,
        summary: "counts orders, pieces and revenue by minute, product and cohort",
        migrations: AnalyticsSchema.migrations,
        settings: { _ in },
        handlers: { _, context in
            let store = TotalsStore(database: context.database)
            TotalsGauges(store: store, metrics: context.metrics).register()
            StatsPage(store: store).register(in: context.pages)
            return [
                AnalyticsHandler(
                    store: store,
                    storage: context.storage,
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
