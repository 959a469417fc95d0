import Database
import OrderEvents
import ServiceKit
import TestSupport
import Testing
import WorkQueue

@testable import InventoryWorker

@Suite("The inventory handler")
struct InventoryHandlerTests {
    private let store: StockStore
    private let handler: InventoryHandler
    private let scratch: Scratch
    private let screen = Screen()
    private let metrics = PrometheusRegistry()

    init() async throws {
        scratch = try Scratch()
        store = StockStore(database: try scratch.open(StockSchema.migrations))
        _ = try await store.load(Catalog(products: [Product(id: 1, name: "Laptop", stock: 50)]))
        handler = InventoryHandler(store: store, logger: screen.logger, metrics: metrics)
    }

    @Test("a sale is done, and shown exactly as the contract says")
    func sale() async {
        #expect(await handler.handle(order(), in: context("e1")) == .done)
        #expect(
            screen.shown == [
                """
                📦 INVENTORY: Updated product 1
                   Product: Laptop
                   Quantity sold: 2
                   Remaining stock: 48

                """
            ]
        )
    }

    @Test("a repeat is done, shown no second time, and counted")
    func duplicate() async {
        for _ in 0..<3 { #expect(await handler.handle(order(), in: context("e1")) == .done) }
        #expect(screen.shown.count == 1)
        #expect(metrics.text().contains("inventory_orders_total{outcome=\"duplicate\"} 2"))
        #expect(metrics.text().contains("inventory_orders_total{outcome=\"sold\"} 1"))
    }

    @Test("an order beyond the stock is done, and shown as refused")
    func rejected() async {
        #expect(await handler.handle(order(quantity: 51), in: context("e1")) == .done)
        #expect(screen.shown.first?.hasPrefix("📦 INVENTORY: Not enough of product 1\n") == true)
    }

    @Test("an unknown product is a dead letter with its number, and a replay finishes it once it exists")
    func unknownProduct() async throws {
        #expect(
            await handler.handle(order(product: 99), in: context("e1")) == .deadLetter("unknown product 99")
        )
        _ = try await store.database.write {
            try $0.execute("INSERT INTO stock (product_id, name, stock) VALUES (99, 'Lamp', 5)")
        }
        #expect(await handler.handle(order(product: 99), in: context("e1")) == .done)
    }

    @Test("a quantity below one never touches the stock", arguments: [0, -5])
    func quantity(quantity: Int) async throws {
        #expect(
            await handler.handle(order(quantity: quantity), in: context("e1"))
                == .deadLetter("quantity must be at least 1")
        )
        #expect(try await store.stock().first?.stock == 50)
    }

    @Test("a database that does not answer is worth another attempt")
    func closed() async {
        store.database.close()
        guard case .retry = await handler.handle(order(), in: context("e1")) else {
            Issue.record("not retried")
            return
        }
    }
}
