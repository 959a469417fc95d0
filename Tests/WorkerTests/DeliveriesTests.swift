import Database
import Testing

@testable import InventoryWorker

@Suite("The record of what came into the stock")
struct DeliveriesTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func delivered(_ database: Database) async throws -> [Int64: Int64] {
        let rows = try await database.read { transaction in
            try transaction.query(
                "SELECT product_id, SUM(quantity) AS sum FROM deliveries GROUP BY product_id"
            )
            .map { (try $0.integer("product_id"), try $0.integer("sum")) }
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    @Test("the first stock of a product is noted once, however often the catalogue is loaded")
    func loaded() async throws {
        let database = try scratch.open(StockSchema.migrations)
        let store = StockStore(database: database)
        for _ in 0..<3 {
            _ = try await store.load(Catalog(products: [Product(id: 1, name: "Laptop", stock: 50)]))
        }
        #expect(try await delivered(database) == [1: 50])
    }

    @Test("a store from before the record begins with what it has and what it has sold")
    func migrated() async throws {
        let older = try scratch.open(Array(StockSchema.migrations.prefix(2)))
        try await older.write { transaction in
            _ = try transaction.execute("INSERT INTO stock VALUES (1, 'Laptop', 50), (2, 'Mouse', 7)")
        }
        let store = StockStore(database: older)
        _ = try await store.apply(order(quantity: 2), eventID: "sold")
        _ = try await store.apply(order(quantity: 49), eventID: "refused")
        older.close()
        #expect(try await delivered(scratch.open(StockSchema.migrations)) == [1: 50, 2: 7])
    }
}
