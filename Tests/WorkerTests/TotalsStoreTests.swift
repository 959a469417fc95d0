import Database
import OrderEvents
import TestSupport
import Testing

@testable import AnalyticsWorker

@Suite("The totals")
struct TotalsStoreTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func open() throws -> TotalsStore {
        TotalsStore(database: try scratch.open(AnalyticsSchema.migrations))
    }

    @Test("every event is counted once, by product, currency and cohort, also among several instances")
    func counting() async throws {
        let stores = [try open(), try open()]
        let news = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<90 {
                let number = index % 30
                let order = sample(number, user: 1, product: Int64(number % 3), minute: 0)
                group.addTask { try await stores[index % 2].count(order, eventID: "e\(number)") != nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(news == 30)
        let euro = sample(99, user: 2, minute: 0, currency: "EUR")
        #expect(try await stores[0].count(euro, eventID: "euro") == .first)
        let all = try await stores[1].statistics(since: nil, top: 10)
        #expect(
            all.totals == [
                .init(currency: "EUR", orders: 1, units: 2, revenue: 300),
                .init(currency: "USD", orders: 30, units: 60, revenue: 9_000),
            ]
        )
        #expect(all.cohorts.map(\.figures.orders) == [1, 1, 29])
        #expect(all.products.first { $0.productID == 2 }?.figures.units == 20)
    }

    @Test(
        "whatever the order of arrival, and with repeats, the figures are those of a recount",
        arguments: 0..<6
    )
    func anyOrder(seed: UInt64) async throws {
        var random = Dice(seed: seed)
        let orders = (0..<200)
            .map { number in
                sample(
                    number,
                    user: .random(in: 1...40, using: &random),
                    product: .random(in: 1...5, using: &random),
                    minute: .random(in: 0...90, using: &random),
                    currency: Bool.random(using: &random) ? "USD" : "EUR"
                )
            }
        let store = try open()
        for order in (orders + orders.prefix(50)).shuffled(using: &random) {
            _ = try await store.count(order, eventID: "e\(order.id)")
        }
        for since in [nil, 30] as [Int64?] {
            let start = since.map { Timestamp(milliseconds: ($0 + base) * 60_000 + 59_999) }
            let found = try await store.statistics(since: start, top: 1_000)
            let expected = recount(orders, since: since)
            #expect(Self.byKey(found.totals.map { ($0.currency, $0) }) == expected(\.currency))
            #expect(
                Self.byKey(found.cohorts.map { ("\($0.cohort) \($0.figures.currency)", $0.figures) })
                    == expected { order in "\(isFirst(order, orders) ? "first" : "repeat") \(order.currency)"
                    }
            )
            #expect(
                Self.byKey(found.products.map { ("\($0.productID) \($0.figures.currency)", $0.figures) })
                    == expected { "\($0.productID) \($0.currency)" }
            )
            #expect(found.bucketMinutes == (since == nil ? 1 : found.bucketMinutes))
            let length = found.bucketMinutes
            #expect(
                Self.byKey(
                    found.series.map {
                        ("\($0.start.milliseconds / 60_000) \($0.figures.currency)", $0.figures)
                    }
                )
                    == expected { "\($0.minute - $0.minute % length) \($0.currency)" }
            )
        }
    }

    @Test("what analytics-1 counted is begun anew, and can be counted again")
    func migration() async throws {
        let old = try scratch.open(Array(AnalyticsSchema.migrations.prefix(1)))
        try await old.write { transaction in
            _ = try transaction.execute("INSERT INTO counted_events VALUES ('e1', 'then')")
            _ = try transaction.execute("INSERT INTO product_totals VALUES (1, 'USD', 1, 2, 3)")
        }
        old.close()
        let store = try open()
        #expect(try await store.cohorts().isEmpty)
        #expect(try await store.count(sample(1, user: 1, minute: 0), eventID: "e1") == .first)
    }

    // MARK: A recount that knows nothing of the store

    /// The minute that `minute: 0` means: 2026-01-02T03:04Z.
    private let base: Int64 = 29_455_384

    private func sample(
        _ number: Int,
        user: Int64,
        product: Int64 = 1,
        minute: Int64,
        currency: String = "USD"
    ) -> CountedOrder {
        CountedOrder(
            id: "order-\(1_000 + number)",
            userID: user,
            productID: product,
            currency: currency,
            units: 2,
            revenue: 300,
            createdAt: Timestamp(milliseconds: (base + minute) * 60_000 + Int64(number % 3))
        )
    }

    private func isFirst(_ order: CountedOrder, _ orders: [CountedOrder]) -> Bool {
        let own = orders.filter { $0.userID == order.userID }
        return own.min { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) } == order
    }

    private func recount(
        _ orders: [CountedOrder],
        since: Int64?
    ) -> ((CountedOrder) -> String) -> [String: [Int64]] {
        let wanted = orders.filter { $0.minute >= base + (since ?? 0) }
        return { key in
            Dictionary(grouping: wanted, by: key)
                .mapValues {
                    [Int64($0.count), $0.map(\.units).reduce(0, +), $0.map(\.revenue).reduce(0, +)]
                }
        }
    }

    private static func byKey(_ rows: [(String, Statistics.Figures)]) -> [String: [Int64]] {
        Dictionary(uniqueKeysWithValues: rows.map { ($0, [$1.orders, $1.units, $1.revenue]) })
    }
}

/// A die that falls the same way each time (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
