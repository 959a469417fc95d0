import Database
import Logging
import OrderEvents
import RabbitMQ
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import OrderService

@Suite("The outbox relay", .timeLimit(.minutes(1)))
struct OutboxRelayTests {
    /// Runs a relay beside the work, and stops it as a program would.
    private func relaying(
        _ rig: OrderRig,
        to broker: ScriptedBroker,
        pauses: Pauses = Pauses(),
        _ work: () async throws -> Void
    ) async throws {
        let relay = OutboxRelay(
            feed: rig.feed,
            store: rig.store,
            publisher: broker,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            sleep: { try await pauses.note($0) }
        )
        let group = ServiceGroup(
            services: [relay],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await work()
            } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func emptied(_ rig: OrderRig) async throws {
        try await eventually(every: .milliseconds(5), "the outbox is empty") { rig.store.backlog.count == 0 }
    }

    @Test("publishes every order in the order of arrival, once, in batches")
    func inOrder() async throws {
        let rig = try await OrderRig()
        let gate = Gate()
        let broker = ScriptedBroker(gate: gate)
        try await relaying(rig, to: broker) {
            _ = try await rig.place(1)
            try await eventually(every: .milliseconds(5), "the first batch is on its way") { gate.count == 1 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<1_000 {
                    group.addTask {
                        _ = try await rig.store.place(rig.draft(index + 1), key: nil, traceParent: nil)
                    }
                }
                try await group.waitForAll()
            }
            gate.open()
            try await emptied(rig)
        }
        let arrivals = try await allOrders(rig)
        #expect(arrivals.count == 1_001)
        #expect(broker.eventIDs == arrivals.map(\.eventID))
        #expect(broker.batches.count < 200)
        #expect(broker.batches.allSatisfy { $0 <= OutboxMachine.batchLimit })
    }

    @Test("marks a whole batch with one commit")
    func marking() async throws {
        let rig = try await OrderRig()
        _ = try await rig.place(200)
        let before = rig.database.commitCount
        try await relaying(rig, to: ScriptedBroker()) { try await emptied(rig) }
        #expect(rig.database.commitCount - before == 1)
    }

    @Test("publishes what an earlier life of the program left, before what is new")
    func sweeping() async throws {
        let first = try await OrderRig()
        let left = try await first.place(2_500)
        let second = try await OrderRig(in: first.directory)
        #expect(second.store.backlog.count == 2_500)
        let broker = ScriptedBroker()
        var new: [Order] = []
        try await relaying(second, to: broker) {
            new = try await second.place(50)
            try await emptied(second)
        }
        #expect(broker.eventIDs == (left + new).map(\.eventID))
    }

    @Test(
        "an event that is not confirmed stays, and goes out again under the same id",
        arguments: [PublishOutcome.unknown("cut"), .unroutable("NO_ROUTE"), .refused, .notSent("away")]
    )
    func again(outcome: PublishOutcome) async throws {
        let rig = try await OrderRig()
        let broker = ScriptedBroker { number, _ in number < 3 ? outcome : .confirmed }
        let pauses = Pauses()
        let orders = try await rig.place(1)
        try await relaying(rig, to: broker, pauses: pauses) { try await emptied(rig) }
        #expect(broker.eventIDs == Array(repeating: orders[0].eventID, count: 4))
        #expect(Set(broker.messages).count == 1)
        let delays = pauses.noted
        #expect(delays.count == 3)
        // Doubling from 100 ms, each spread over its upper half.
        for (delay, full) in zip(delays, [100, 200, 400]) {
            #expect((.milliseconds(full / 2) ... .milliseconds(full)).contains(delay))
        }
    }

    @Test("a failure in the middle keeps the rest in order, and what was confirmed is not sent again")
    func partial() async throws {
        let rig = try await OrderRig()
        let orders = try await rig.place(10).map(\.eventID)
        let broker = ScriptedBroker { number, _ in number == 4 ? .unknown("cut") : .confirmed }
        try await relaying(rig, to: broker) { try await emptied(rig) }
        #expect(broker.eventIDs == orders + [orders[4]])
    }

    @Test("while no queue is bound nothing is lost, health says so, and all goes out once one is")
    func unroutable() async throws {
        let rig = try await OrderRig()
        let broker = ScriptedBroker { _, _ in .unroutable("NO_ROUTE") }
        try await relaying(rig, to: broker) {
            let orders = try await rig.place(20)
            try await eventually(every: .milliseconds(5), "it was tried a few times") {
                broker.batches.count > 3
            }
            #expect(rig.store.backlog.count == 20)
            #expect(rig.feed.fault == .unroutable("NO_ROUTE"))
            let health = OrderHealth.outbox(waiting: 20, isFull: false, rig.feed.fault)
            #expect(health == .failing("20 waiting: no queue is bound to the exchange"))
            broker.follow { _, _ in .confirmed }
            try await emptied(rig)
            try await eventually(every: .milliseconds(5), "the fault is over") { rig.feed.fault == nil }
            #expect(Set(broker.eventIDs) == Set(orders.map(\.eventID)))
        }
    }

    @Test("orders that come while publishing fails are published later, in order")
    func arrivalsDuringFailure() async throws {
        let rig = try await OrderRig()
        let broker = ScriptedBroker { _, _ in .notSent("away") }
        try await relaying(rig, to: broker) {
            _ = try await rig.place(300)
            broker.follow { _, _ in .confirmed }
            _ = try await rig.place(300)
            try await emptied(rig)
        }
        let arrivals = try await allOrders(rig).map(\.eventID)
        var seen = Set<String>()
        let last = broker.eventIDs.reversed().filter { seen.insert($0).inserted }.reversed()
        #expect(Array(last) == arrivals)
    }

    @Test("stopping publishes what waits")
    func stopping() async throws {
        let rig = try await OrderRig()
        _ = try await rig.place(2_000)
        try await relaying(rig, to: ScriptedBroker(), pauses: Pauses(isEndless: true)) {}
        #expect(rig.store.backlog.count == 0)
    }

    @Test("stopping while the broker is away does not wait for it")
    func stoppingWithoutBroker() async throws {
        let rig = try await OrderRig()
        _ = try await rig.place(5)
        let broker = ScriptedBroker { _, _ in .notSent("away") }
        try await relaying(rig, to: broker, pauses: Pauses(isEndless: true)) {
            try await eventually(every: .milliseconds(5), "it was tried") { !broker.batches.isEmpty }
        }
        #expect(rig.store.backlog.count == 5)
    }

    private func allOrders(_ rig: OrderRig) async throws -> [Order] {
        try await rig.database.read { transaction in
            try transaction.query("SELECT * FROM orders ORDER BY id").map { try Order(row: $0) }
        }
    }
}

/// Stands in for the clock: pauses are noted and over at once, or last until cancelled.
final class Pauses: Sendable {
    private let delays = Mutex<[Duration]>([])
    private let isEndless: Bool

    init(isEndless: Bool = false) {
        self.isEndless = isEndless
    }

    /// The pauses after failures; the limit on stopping is none.
    var noted: [Duration] { delays.withLock { $0.filter { $0 != OutboxRelay.stopPatience } } }

    func note(_ delay: Duration) async throws {
        delays.withLock { $0.append(delay) }
        guard isEndless || delay == OutboxRelay.stopPatience else { return }
        let (stream, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
        throw CancellationError()
    }
}
