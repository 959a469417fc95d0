import Database
import OrderEvents
import TestSupport
import Testing

@testable import InventoryWorker

@Suite("The stock")
struct StockStoreTests {
    private let scratch: Scratch
    private let store: StockStore

    init() async throws {
        scratch = try Scratch()
        store = StockStore(database: try scratch.open(StockSchema.migrations))
        _ = try await store.load(Catalog(products: [Product(id: 1, name: "Laptop", stock: 10)]))
    }

    private func remaining() async throws -> Int64? {
        try await store.stock().first?.stock
    }

    @Test("an event takes effect once, however often it is delivered")
    func repeats() async throws {
        #expect(try await store.apply(order(), eventID: "e1") == .sold(name: "Laptop", remaining: 8))
        for _ in 0..<5 {
            #expect(
                try await store.apply(order(), eventID: "e1")
                    == .duplicate(.init(wasSold: true, quantity: 2, remaining: 8))
            )
        }
        #expect(try await remaining() == 8)
    }

    @Test("concurrent duplicates given to several instances take effect once")
    func concurrentDuplicates() async throws {
        let stores =
            try [store]
            + (0..<2)
            .map { _ in
                StockStore(database: try scratch.open(StockSchema.migrations))
            }
        let outcomes = try await withThrowingTaskGroup(of: StockStore.Outcome.self) { group in
            for index in 0..<60 {
                group.addTask { try await stores[index % 3].apply(order(), eventID: "e\(index % 4)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let repeats = outcomes.filter { if case .duplicate = $0 { true } else { false } }
        #expect(repeats.count == 56)
        #expect(try await remaining() == 2)
    }

    @Test("50 orders for 10 pieces sell exactly 10, and the stock is never negative")
    func neverNegative() async throws {
        let second = StockStore(database: try scratch.open(StockSchema.migrations))
        let outcomes = try await withThrowingTaskGroup(of: StockStore.Outcome.self) { [store] group in
            for index in 0..<50 {
                let instance = index.isMultiple(of: 2) ? store : second
                group.addTask { try await instance.apply(order(quantity: 1), eventID: "e\(index)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let left = outcomes.compactMap { outcome -> Int64? in
            if case .sold(_, let remaining) = outcome { remaining } else { nil }
        }
        #expect(left.sorted() == Array(0...9))
        let refused = outcomes.filter { outcome in
            if case .rejected(let rejection) = outcome { rejection.remaining == 0 } else { false }
        }
        #expect(refused.count == 40)
        #expect(try await remaining() == 0)
    }

    @Test(
        "an order beyond the stock is refused whole, and stays refused when stock arrives and it is repeated"
    )
    func rejected() async throws {
        guard case .rejected(let rejection) = try await store.apply(order(quantity: 11), eventID: "big")
        else {
            Issue.record("not refused")
            return
        }
        #expect(rejection.productName == "Laptop")
        #expect(rejection.remaining == 10)
        _ = try await store.database.write { try $0.execute("UPDATE stock SET stock = 100") }
        // The same refusal, until the others were told; then there is nothing left to do.
        #expect(try await store.apply(order(quantity: 11), eventID: "big") == .rejected(rejection))
        try await store.markPublished(refusalOf: "big")
        #expect(
            try await store.apply(order(quantity: 11), eventID: "big")
                == .duplicate(.init(wasSold: false, quantity: 11, remaining: 10))
        )
        #expect(try await remaining() == 100)
    }

    @Test("an unknown product leaves no trace, so that the same event succeeds once the product exists")
    func unknownProduct() async throws {
        #expect(try await store.apply(order(product: 99), eventID: "e1") == .unknownProduct)
        // As `orderctl stock 99 --add` does, while the worker runs.
        _ = try await store.database.write {
            try $0.execute("INSERT INTO stock (product_id, name, stock) VALUES (99, 'Lamp', 5)")
        }
        #expect(try await store.apply(order(product: 99), eventID: "e1") == .sold(name: "Lamp", remaining: 3))
    }
}
