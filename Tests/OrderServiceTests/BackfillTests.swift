import Database
import EventLog
import OrderEvents
import TestSupport
import Testing

@testable import OrderService

@Suite("Orders that are older than the event log")
struct BackfillTests {
    @Test("get the event that was published, byte for byte")
    func bytes() async throws {
        let directory = try TemporaryDirectory("orders")
        let place = DatabaseLocation.sqlite(path: "\(directory.path)/orders.db")
        let first = try #require(OrderSchema.migrations.first)
        let old = try Database.open(place, migrations: [first])
        var orders: [Order] = []
        let prices: [Int64] = [1, 10, 99, 100, 105, 110, 1_050, 99_999, 100_000_000]
        for (index, price) in prices.enumerated() {
            let draft = OrderDraft(
                userID: Int64(index + 1),
                productID: .max,
                quantity: 3,
                price: Money(minorUnits: price),
                email: index.isMultiple(of: 2) ? "ann+ü'\(index)@exämple.org" : nil,
                phone: index.isMultiple(of: 3) ? "+49 (151) 123-45" : nil
            )
            let trace = TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            let order = Order(accepting: draft, after: nil, traceParent: index == 1 ? trace : nil)
            orders.append(order)
            _ = try await old.write { try $0.execute(OrderSchema.insertOrder, order.values) }
        }
        old.close()
        let database = try Database.open(place, migrations: OrderSchema.migrations)
        let entries = try await EventLog(database).newest(EventSelection(), limit: 100)
        let expected = orders.map { LoggedEvent(telling: $0) }
        #expect(Set(entries.map { $0.event }) == Set(expected))
        #expect(entries.count == orders.count)
        database.close()
    }

    @Test("are left out beyond the usual retention")
    func retention() async throws {
        let directory = try TemporaryDirectory("orders")
        let place = DatabaseLocation.sqlite(path: "\(directory.path)/orders.db")
        let first = try #require(OrderSchema.migrations.first)
        let old = try Database.open(place, migrations: [first])
        let day: Int64 = 86_400_000
        for age in [31, 29] as [Int64] {
            let draft = OrderDraft(
                userID: age,
                productID: 1,
                quantity: 1,
                price: Money(minorUnits: 100),
                email: nil,
                phone: nil
            )
            let order = Order(accepting: draft, after: nil, traceParent: nil)
            _ = try await old.write { transaction in
                try transaction.execute(OrderSchema.insertOrder, order.values)
                try transaction.execute(
                    "UPDATE orders SET accepted_ms = accepted_ms - $1 WHERE id = $2",
                    [.integer(age * day), .text(order.id)]
                )
            }
        }
        old.close()
        let database = try Database.open(place, migrations: OrderSchema.migrations)
        let entries = try await EventLog(database).newest(EventSelection(), limit: 100)
        #expect(entries.count == 1)
        #expect(
            entries.allSatisfy { String(decoding: $0.event.body, as: UTF8.self).contains(#""user_id":29,"#) }
        )
        database.close()
    }

    @Test("a new order's event is logged in the order's own transaction")
    func sameTransaction() async throws {
        let rig = try await OrderRig()
        let order = try await rig.place(1)[0]
        let log = EventLog(rig.database)
        let entry = try #require(try await log.event(order.eventID))
        #expect(entry.event == LoggedEvent(telling: order))
        #expect(!entry.isPublished)
        try await rig.store.markPublished([order.id])
        #expect(try await log.event(order.eventID)?.isPublished == true)
    }
}
