import Database
import FoundationEssentials
import OrderEvents
import RabbitMQ
import ServiceKit
import Synchronization
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
    private let published = PublishedEvents()

    init() async throws {
        scratch = try Scratch()
        store = StockStore(database: try scratch.open(StockSchema.migrations))
        _ = try await store.load(Catalog(products: [Product(id: 1, name: "Laptop", stock: 50)]))
        handler = InventoryHandler(
            store: store,
            events: published.publisher,
            logger: screen.logger,
            metrics: metrics
        )
    }

    @Test("a sale is done, and shown exactly as the contract says")
    func sale() async {
        #expect(await handler.handle(order(), in: context("e1")) == .done("Remaining stock: 48"))
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
        for _ in 0..<3 {
            #expect(await handler.handle(order(), in: context("e1")) == .done("Remaining stock: 48"))
        }
        #expect(screen.shown.count == 1)
        #expect(metrics.text().contains("inventory_orders_total{outcome=\"duplicate\"} 2"))
        #expect(metrics.text().contains("inventory_orders_total{outcome=\"sold\"} 1"))
    }

    @Test("an order beyond the stock is refused, shown so, and told to all services once")
    func rejected() async throws {
        let refused = Verdict.rejected("Out of stock: 51 ordered, 50 left")
        #expect(await handler.handle(order(quantity: 51), in: context("e1")) == refused)
        #expect(screen.shown.first?.hasPrefix("📦 INVENTORY: Not enough of product 1\n") == true)
        #expect(await handler.handle(order(quantity: 51), in: context("e1")) == refused)
        let event = try #require(published.events.first)
        #expect(published.events.count == 1)
        #expect(event.type == "inventory.rejected")
        #expect(event.subject == order().id)
        let facts = try JSONDecoder().decode(InventoryRejected.self, from: Data(event.body))
        #expect(facts.quantity == 51)
        #expect(facts.remaining == 50)
        #expect(facts.productName == "Laptop")
    }

    @Test("a refusal that cannot be told is retried, and told with the same event then")
    func rejectedUntold() async {
        published.outcome = .unknown("the connection was lost")
        guard case .retry(let note, nil) = await handler.handle(order(quantity: 51), in: context("e1")) else {
            Issue.record("not retried")
            return
        }
        #expect(note.text.contains("inventory.rejected"))
        #expect(screen.shown.isEmpty)
        published.outcome = .confirmed
        let refused = Verdict.rejected("Out of stock: 51 ordered, 50 left")
        #expect(await handler.handle(order(quantity: 51), in: context("e1", attempt: 2)) == refused)
        #expect(published.events.count == 2)
        #expect(published.events[0] == published.events[1])
    }

    @Test("an unknown product is a dead letter with its number, and a replay finishes it once it exists")
    func unknownProduct() async throws {
        #expect(
            await handler.handle(order(product: 99), in: context("e1")) == .deadLetter("unknown product 99")
        )
        _ = try await store.database.write {
            try $0.execute("INSERT INTO stock (product_id, name, stock) VALUES (99, 'Lamp', 5)")
        }
        #expect(
            await handler.handle(order(product: 99), in: context("e1")) == .done("Remaining stock: 3")
        )
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

/// What a handler published, and what it was answered.
final class PublishedEvents: Sendable {
    private let state = Mutex<(events: [OutgoingEvent], outcome: PublishOutcome)>(([], .confirmed))

    var events: [OutgoingEvent] { state.withLock { $0.events } }

    var outcome: PublishOutcome {
        get { state.withLock { $0.outcome } }
        set { state.withLock { $0.outcome = newValue } }
    }

    var publisher: EventPublisher {
        EventPublisher { event, _ in
            self.state.withLock { state in
                state.events.append(event)
                return state.outcome
            }
        }
    }
}
