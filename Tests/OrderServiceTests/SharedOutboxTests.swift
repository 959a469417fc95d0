import Database
import Logging
import OrderEvents
import RabbitMQ
import ServiceLifecycle
import TestSupport
import Testing

@testable import OrderService

/// One of several order services on one database, without a socket.
private struct Instance {
    let database: Database
    let feed = OutboxFeed(isAlone: false)
    let store: OrderStore
    let lease: OutboxLease
    let broker: ScriptedBroker
    private let relay: OutboxRelay

    init(on location: DatabaseLocation, _ broker: ScriptedBroker, limit: Int = 100_000) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        database = try await OrderServiceStorage.open(location, logger: quiet)
        store = try await OrderStore(database, outboxLimit: limit, accepted: feed.committed)
        lease = OutboxLease(
            store: LeaseStore(database, of: store),
            feed: feed,
            logger: quiet
        )
        self.broker = broker
        relay = OutboxRelay(feed: feed, store: store, publisher: broker, lease: lease, logger: quiet)
    }

    func place(_ count: Int) async throws -> [Order] {
        var orders: [Order] = []
        for index in 0..<count {
            let draft = OrderDraft(
                userID: 1,
                productID: 1,
                quantity: index + 1,
                price: .init(minorUnits: 100),
                email: nil,
                phone: nil
            )
            guard case .accepted(let order) = try await store.place(draft, key: nil, traceParent: nil) else {
                continue
            }
            orders.append(order)
        }
        return orders
    }

    /// Runs the relay beside the work, and stops it as a program would.
    func relaying<Result>(_ work: () async throws -> Result) async throws -> Result {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(services: [relay], logger: quiet)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            defer { tasks.cancelAll() }
            let result = try await work()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }
}

@Suite("Several order services on one database", .timeLimit(.minutes(1)))
struct SharedOutboxTests {
    private let directory: TemporaryDirectory
    private var location: DatabaseLocation { .sqlite(path: directory.text(of: "orders.db")) }

    init() throws {
        directory = try TemporaryDirectory("shared-outbox")
    }

    @Test("one publishes the orders of both, in the order of their commits, each once")
    func onePublishes() async throws {
        let (first, second) = (
            try await Instance(on: location, ScriptedBroker()),
            try await Instance(on: location, ScriptedBroker())
        )
        await first.lease.look()
        let orders = try await first.relaying {
            try await second.relaying {
                try await withThrowingTaskGroup(of: [Order].self) { group in
                    for instance in [first, second, first, second] {
                        group.addTask { try await instance.place(50) }
                    }
                    let orders = try await group.reduce(into: [Order]()) { $0 += $1 }
                    try await eventually(every: .milliseconds(5), "the first one publishes all") {
                        first.broker.eventIDs.count >= 200
                    }
                    return orders
                }
            }
        }
        #expect(orders.count == 200)
        let isInOrder = first.broker.eventIDs == orders.sorted { $0.id < $1.id }.map(\.eventID)
        #expect(isInOrder)
        #expect(second.broker.eventIDs.isEmpty)
    }

    @Test("whoever stands by takes over from one that stopped, with what that left")
    func takingOver() async throws {
        let away = ScriptedBroker { _, _ in .notSent("away") }
        let (first, second) = (
            try await Instance(on: location, away), try await Instance(on: location, ScriptedBroker())
        )
        await first.lease.look()
        let orders = try await second.relaying {
            let left = try await first.relaying { try await first.place(20) + second.place(20) }
            // Released by the first one's end.
            let new = try await second.place(5)
            try await eventually(every: .milliseconds(5), "the second one publishes all") {
                second.broker.eventIDs.count == 45
            }
            return left + new
        }
        let isInOrder = second.broker.eventIDs == orders.map(\.eventID)
        #expect(isInOrder)
    }

    @Test("one whose lease has run out publishes nothing until it has it again")
    func runOut() async throws {
        let first = try await Instance(on: location, ScriptedBroker())
        let late = ContinuousClock.now.advanced(by: .milliseconds(-1))
        first.feed.report(.leading(until: late))
        _ = try await first.place(3)
        #expect(first.feed.next() == nil)
        await first.lease.look()
        #expect(first.feed.next() == .read(after: nil, limit: OutboxMachine.readLimit))
    }

    @Test("orders of two processes in turn have identifiers in the order of their commits")
    func identifiers() async throws {
        let (first, second) = (
            try await Instance(on: location, ScriptedBroker()),
            try await Instance(on: location, ScriptedBroker())
        )
        // As a process would whose clock is two seconds ahead.
        let ahead = UUIDv7(high: UInt64(Timestamp.now.milliseconds + 2_000) << 16 | 0x7000, low: 0b10 << 62)
        _ = try await first.database.write { transaction in
            try transaction.execute(
                "INSERT INTO orders SELECT $1, 1, 1, 1, 1, 1, 'USD', 1, NULL, NULL, 'event', NULL",
                [.text(ahead.description)]
            )
        }
        var ids: [String] = []
        for _ in 0..<50 { ids += try await (first.place(1) + second.place(1)).map(\.id) }
        #expect(ids.count == 100 && ids.allSatisfy { $0 > ahead.description })
        #expect(ids == ids.sorted())
    }

    @Test("each counts what the others add and take, so that none is full for ever")
    func backlog() async throws {
        let (first, second) = (
            try await Instance(on: location, ScriptedBroker(), limit: 10),
            try await Instance(on: location, ScriptedBroker(), limit: 10)
        )
        await first.lease.look()
        await second.lease.look()
        _ = try await second.place(6)
        await first.lease.look()
        #expect(first.store.backlog.count == 6)
        #expect(try await first.place(9).count == 4)
        await second.lease.look()
        #expect(try await second.place(1).isEmpty)
        let waiting = try await first.store.unpublished(after: nil, limit: 100)
        try await first.store.markPublished(waiting.map(\.id))
        #expect(first.store.backlog.count == 0)
        await second.lease.look()
        #expect(second.store.backlog.count == 0)
        #expect(try await second.place(1).count == 1)
    }
}
