import TestSupport
import Testing

@testable import AnalyticsWorker

@Suite("The totals")
struct TotalsStoreTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test("every event is counted once, by product and currency, also among several instances")
    func counting() async throws {
        let stores = try (0..<2)
            .map { _ in TotalsStore(database: try scratch.open(AnalyticsSchema.migrations)) }
        let counted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<90 {
                let (event, product) = (index % 30, Int64(index % 3))
                group.addTask {
                    try await stores[index % 2].count(order(product: product), eventID: "e\(event)")
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(counted == 30)
        #expect(try await stores[0].count(order(quantity: 1, currency: "EUR"), eventID: "euro"))
        #expect(
            try await stores[0].totals() == [
                TotalsStore.Totals(currency: "EUR", orders: 1, units: 1, revenue: 99_999),
                TotalsStore.Totals(currency: "USD", orders: 30, units: 60, revenue: 30 * 199_998),
            ]
        )
        #expect(
            try await stores[0].totals(ofProduct: 2) == [
                TotalsStore.Totals(currency: "USD", orders: 10, units: 20, revenue: 10 * 199_998)
            ]
        )
    }
}
