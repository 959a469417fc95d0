import Database
import Dispatch
import Hummingbird
import Logging
import RabbitMQ
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import OrderService

@Suite("An order service whose database takes nothing", .serialized, .timeLimit(.minutes(2)))
struct StorageFaultTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(
        "on a full disk answers 503, keeps no order by half, and goes on by itself when there is room",
        .smallDisk
    )
    func fullDisk() async throws {
        try await SmallDisk.with(megabytes: 3) { disk in
            let rig = try await OrderRig(in: TemporaryDirectory("orders", in: disk.path))
            let first = try await post(rig, key: "first")
            #expect(first.status == 201)
            try await disk.fill()
            // Some still fit into the log's free pages.
            var (number, refused) = (0, first)
            while refused.status == 201, number < 3_000 {
                number += 1
                refused = try await post(rig, key: "key-\(number)")
            }
            expectRefusal(refused)
            #expect(try await counts(rig) == Array(repeating: Int64(number), count: 4))
            #expect(try await rig.send(.get, "/orders/\(first.orderID)").status == 200)
            #expect(try await rig.send(.get, "/orders?limit=5").status == 200)
            try await expectHealth(of: rig, "full")

            let broker = ScriptedBroker()
            try await relaying(rig, to: broker) {
                try await eventually(every: .milliseconds(5), "events are published") {
                    broker.eventIDs.count >= number
                }
                try await disk.makeRoom()
                try await eventually("orders are kept again") {
                    try await post(rig, key: "key-\(number)").status == 201
                }
                try await eventually(every: .milliseconds(5), "the relay goes on") {
                    rig.store.backlog.count == 0 && rig.feed.fault == nil
                }
            }
            #expect(Set(broker.eventIDs).count == number + 1)
            #expect(try await counts(rig) == [number + 1, number + 1, 0, number + 1].map(Int64.init))
            try await expectHealth(of: rig, nil)
        }
    }

    @Test("on files that became read-only answers 503, reads on, and goes on by itself", .frozenFiles)
    func readOnly() async throws {
        let rig = try await OrderRig()
        let first = try await post(rig, key: "first")
        try await FrozenFiles.with(database: rig.directory.text(of: "orders.db")) {
            expectRefusal(try await post(rig, key: "second"))
            #expect(try await counts(rig) == [1, 1, 1, 1])
            #expect(try await rig.send(.get, "/orders/\(first.orderID)").status == 200)
            try await expectHealth(of: rig, "unavailable")
        }
        #expect(try await post(rig, key: "second").status == 201)
        #expect(try await counts(rig) == [2, 2, 2, 2])
        try await expectHealth(of: rig, nil)
    }

    @Test("waits for another process's lock only so long, reads meanwhile, and goes on when it is free")
    func locked() async throws {
        let rig = try await OrderRig()
        let first = try await post(rig, key: "first")
        let script = "\(PackageLayout.root)/Tests/Servers/hold_lock.py"
        let database = rig.directory.text(of: "orders.db")
        try await ProgramUnderTest.with("/usr/bin/python3", [script, database]) { holder in
            _ = try await holder.line(containing: "held")
            expectRefusal(try await post(rig, key: "second"))
            #expect(try await rig.send(.get, "/orders/\(first.orderID)").status == 200)
            try await expectHealth(of: rig, "busy")
        }
        #expect(try await post(rig, key: "second").status == 201)
        #expect(try await counts(rig) == [2, 2, 2, 2])
    }

    @Test("does not wait for a disk that stands still; the same key tells later what became of the order")
    func stuck() async throws {
        let rig = try await OrderRig(patience: .milliseconds(300))
        let latch = DispatchSemaphore(value: 0)
        let (held, hold) = AsyncStream.makeStream(of: Void.self)
        // Unstructured because the writer's thread is held for as long as the test says.
        let stuck = Task {
            try await rig.database.write { _ in
                hold.yield()
                latch.wait()
            }
        }
        for await _ in held { break }
        let late = try await post(rig, key: "late")
        expectRefusal(late)
        #expect(late.body.contains("It is not known whether the order was kept"))
        latch.signal()
        try await stuck.value
        let again = try await post(rig, key: "late")
        #expect(again.status == 201)
        #expect(try await counts(rig) == [1, 1, 1, 1])
        #expect(rig.store.backlog.count == 1)
    }

    @Test("tells a failure of orders until one was kept, or small writes went well for a while")
    func standing() {
        let standing = WriteStanding()
        let full = DatabaseError(.full, during: .commit, "no space")
        let now = ContinuousClock.now
        standing.noteOrder(DatabaseError(.constraint, during: .statement, "twice"), at: now)
        #expect(standing.fault == nil)
        standing.noteOrder(full, at: now)
        standing.noteSmallWrite(nil, at: now + .seconds(1))
        #expect(standing.fault == full)
        standing.noteSmallWrite(nil, at: now + WriteStanding.memory)
        #expect(standing.fault == nil)
        standing.noteSmallWrite(full, at: now)
        #expect(standing.fault == full)
        standing.noteOrder(nil)
        #expect(standing.fault == nil)
    }

    private func post(_ rig: OrderRig, key: String) async throws -> Answer {
        try await rig.post(OrderRig.good, headers: [.idempotencyKey: key])
    }

    private func expectRefusal(_ answer: Answer) {
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] == "1")
        #expect(answer.headers[.contentType] == "application/problem+json")
    }

    /// How many orders, events, waiting events and keys there are.
    private func counts(_ rig: OrderRig) async throws -> [Int64] {
        try await rig.database.read { transaction in
            try ["orders", "events", "outbox", "idempotency_keys"]
                .map { table in
                    try transaction.queryOne("SELECT COUNT(*) AS count FROM \(table)")?.integer("count") ?? -1
                }
        }
    }

    private func expectHealth(of rig: OrderRig, _ word: String?) async throws {
        let health = HealthRegistry(deadline: .seconds(20))
        OrderHealth.register(in: health, store: rig.store, feed: rig.feed) { .open }
        let report = await health.readiness()
        let result = report.checks.first { $0.name == "database" }?.result
        guard let word else {
            #expect(result == .ok)
            return
        }
        #expect(report.json.contains(#""database":"database \#(word) during"#), "\(report.json)")
    }

    private func relaying(
        _ rig: OrderRig,
        to broker: ScriptedBroker,
        _ work: () async throws -> Void
    ) async throws {
        let relay = OutboxRelay(feed: rig.feed, store: rig.store, publisher: broker, logger: quiet)
        let group = ServiceGroup(services: [relay], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            defer { tasks.cancelAll() }
            try await work()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
