import Database
import FoundationEssentials
import OrderEvents
import ServiceKit
import TestSupport
import Testing

@testable import AnalyticsWorker
@testable import InventoryWorker
@testable import WorkQueue

/// Bodies as anybody may write them, through the table that decodes for the handlers.
@Suite("Numbers at the edges, in events")
struct EdgeNumberTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let refused = [
        ("quantity", "1e400"), ("quantity", "0.99999999999999999999"), ("quantity", "9223372036854775808"),
        ("user_id", "9007199254740993.5"), ("product_id", "1e-400"), ("total", "1e400"), ("total", "0.001"),
        ("total", "0.30000000000000004"), ("total", "92233720368547758.08"), ("price", "1e128"),
        ("price", "1.00000000000000000000000000000000000000001"),
    ]

    private func body(_ field: String, _ value: String) -> [UInt8] {
        var values = [
            "id": "\"o\"", "user_id": "1", "product_id": "1", "quantity": "1", "price": "0.1", "total": "0.3",
            "currency": "\"USD\"", "created_at": "\"2026-01-02T03:04:05.678Z\"",
        ]
        values[field] = value
        return Array("{\(values.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}".utf8)
    }

    private func apply(
        _ body: [UInt8],
        to handler: some EventHandler,
        id: String
    ) async -> HandlerTable.Result {
        var envelope = context(id).envelope
        envelope = EventEnvelope(
            id: envelope.id,
            type: envelope.type,
            version: 1,
            attempts: 0,
            properties: envelope.properties,
            body: body
        )
        return await HandlerTable([handler]).apply(envelope)
    }

    private func analytics() throws -> (AnalyticsHandler, TotalsStore) {
        let store = TotalsStore(database: try scratch.open(AnalyticsSchema.migrations))
        return (AnalyticsHandler(store: store, logger: Screen().logger, metrics: PrometheusRegistry()), store)
    }

    @Test("what cannot be read exactly is no order, and counts nowhere", arguments: refused)
    func inexact(field: String, value: String) async throws {
        let (handler, store) = try analytics()
        guard case .undecodable = await apply(body(field, value), to: handler, id: "e") else {
            Issue.record("\(field) \(value) was read")
            return
        }
        let rows = try await store.database.read { try $0.query("SELECT * FROM product_totals") }
        #expect(rows.isEmpty)
    }

    @Test("0.1 and 0.2 are 0.3, and the largest identifiers stay what they are")
    func exact() async throws {
        let (handler, store) = try analytics()
        for (number, total) in ["0.1", "0.2", "-0", "3e-1"].enumerated() {
            let result = await apply(body("total", total), to: handler, id: "e\(number)")
            guard case .verdict(let verdict) = result else {
                Issue.record("\(total): \(result)")
                return
            }
            let words = number == 0 ? "Counted: the user's first order" : "Counted: a repeat order"
            #expect(verdict == .done(OutcomeNote(words)))
        }
        for number in ["9007199254740993", "9223372036854775807", "-9223372036854775808"] {
            _ = await apply(body("product_id", number), to: handler, id: "p\(number)")
        }
        let rows = try await store.database.read {
            try $0.query(
                "SELECT product_id, SUM(revenue) AS sum FROM product_totals GROUP BY product_id ORDER BY 1"
            )
            .map { [try $0.integer("product_id"), try $0.integer("sum")] }
        }
        #expect(rows == [[.min, 30], [1, 60], [9_007_199_254_740_993, 30], [.max, 30]])
    }

    @Test("no quantity can add to the stock, take more than there is, or end the program")
    func stock() async throws {
        let store = StockStore(database: try scratch.open(StockSchema.migrations))
        _ = try await store.load(Catalog(products: [Product(id: 1, name: "Laptop", stock: 50)]))
        let handler = InventoryHandler(
            store: store,
            events: PublishedEvents().publisher,
            logger: Screen().logger,
            metrics: PrometheusRegistry()
        )
        for quantity in ["0", "-0", "-1", "-9223372036854775808", "9223372036854775807", "51"] {
            _ = await apply(body("quantity", quantity), to: handler, id: "q\(quantity)")
            #expect(try await store.stock().map(\.stock) == [50], "\(quantity)")
        }
    }
}
