import Database
import OrderEvents
import TestSupport
import Testing

@testable import AnalyticsWorker

@Suite("Figures at the edge of what can be counted")
struct TotalsLimitTests {
    private let scratch: Scratch
    private let store: TotalsStore

    init() throws {
        scratch = try Scratch()
        store = TotalsStore(database: try scratch.open(AnalyticsSchema.migrations))
    }

    private func figures(_ orders: Int64, _ revenue: Int64) -> Statistics.Figures {
        .init(currency: "USD", orders: orders, units: orders, revenue: revenue)
    }

    @Test("the average basket is rounded half up, and exists for the largest sums")
    func averages() {
        for (orders, revenue, average) in [
            (0, 5, 0), (1, 7, 7), (2, 5, 3), (3, 4, 1), (3, 5, 2), (4, 6, 2), (2, .max, .max / 2 + 1),
            (.max, .max, 1), (1, .max, .max), (.max, 0, 0), (-1, .min, 0), (1, .min, .min),
        ] as [(Int64, Int64, Int64)] {
            #expect(figures(orders, revenue).averageBasket == average, "\(revenue) by \(orders)")
        }
    }

    @Test("an order that its product's revenue has no room for is refused, and counts nowhere")
    func fullCell() async throws {
        let order = try CountedOrder(order())
        #expect(try await store.count(order, eventID: "e1") == .first)
        try await store.database.write { transaction in
            _ = try transaction.execute("UPDATE product_totals SET revenue = 1000000000000000000")
        }
        var next = order
        next = CountedOrder(
            id: "later",
            userID: order.userID + 1,
            productID: next.productID,
            currency: next.currency,
            units: 1,
            revenue: 1,
            createdAt: next.createdAt
        )
        await #expect(throws: ImplausibleOrder.self) { try await store.count(next, eventID: "e2") }
        let counted = try await store.statistics(since: nil, top: 10).totals
        #expect(counted.map(\.orders) == [1])
        #expect(counted.map(\.revenue) == [1_000_000_000_000_000_000])
    }

    @Test("sums beyond 64 bits are an error, never a crash", arguments: ["SQLite", "between cohorts"])
    func overflow(place: String) async throws {
        let cohorts = place == "SQLite" ? ["first", "first"] : ["first", "repeat"]
        try await store.database.write { transaction in
            for (product, cohort) in cohorts.enumerated() {
                _ = try transaction.execute(
                    "INSERT INTO product_totals VALUES ($1, 'USD', $2, 1, 1, \(Int64.max))",
                    [.integer(Int64(product)), .text(cohort)]
                )
            }
        }
        await #expect(throws: DatabaseError.self) { try await store.statistics(since: nil, top: 10) }
    }
}
