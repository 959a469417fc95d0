import Logging
import OrderEvents
import ServiceKit

/// `inventory-worker`: keeps the stock.
@main
enum InventoryProgram {
    /// Everything that makes this worker what it is.
    static let program = WorkerProgram(
        service: "inventory",
        exchange: OrderEvents.exchangeName,
        summary: "takes ordered products out of the stock",
        migrations: StockSchema.migrations,
        settings: { checklist in
            checklist.text("catalog.file", default: "Config/catalog.csv", "products to begin with")
        },
        handlers: { catalogFile, context in
            let store = StockStore(database: context.database)
            let loaded = try await store.load(Catalog.load(catalogFile))
            context.logger.info(
                "Catalogue loaded",
                metadata: [
                    "added": .stringConvertible(loaded.added), "known": .stringConvertible(loaded.known),
                ]
            )
            return [
                InventoryHandler(
                    store: store,
                    events: context.events,
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
