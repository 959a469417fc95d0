import Curl
import Database
import Dispatch
import FoundationEssentials
import Glibc
import OrderEvents
import RabbitMQNode
import Synchronization
import TestSupport
import Testing

@Suite("The figures under fire", .serialized, .privateBroker)
struct AnalyticsTests {
    private static let orders = 5_000
    private static let repeats = 500

    @Test(
        "equal to a recount after workers died at random, events came twice and late, and again after a replay into nothing"
    )
    func exactFigures() async throws {
        let directory = try TemporaryDirectory("order-system")
        let broker = try BrokerNode.current()
        let environment = [
            "RETRY_DELAYS": "500ms,1s,2s,4s", "RABBITMQ_URL": broker.url,
            "MANAGEMENT_URL": broker.managementURL,
        ]
        var recount: StatsAnswer?
        try await OrderSystem.run(
            ["--analytics-workers", "3", "--inventory-workers", "1", "--notification-workers", "0"],
            environment: environment,
            in: directory
        ) { system in
            // Enough for all: rejections are other events, which this test does not need.
            try await system.change("inventory", "UPDATE stock SET stock = 1000000")
            try await placeOrders(system)
            let recorded = try await system.recordedOrders()
            #expect(recorded.count == Self.orders)
            let expected = StatsAnswer(recounting: recorded)
            try await repeatSome(recorded, system)
            try await expectFigures(expected, system)
            for service in ["analytics", "inventory"] {
                #expect(try await system.deadLetters(of: service).isEmpty)
            }
            try await readByCommand(system)
            recount = expected
        }
        try await rebuild(in: directory, environment, try #require(recount))
    }

    private func placeOrders(_ system: OrderSystem) async throws {
        let placed = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Random, but a multiple each of what comes before: every victim dies while orders come in.
                for (index, victim) in [
                    "analytics-worker-1", "analytics-worker-3", "inventory-worker-1", "analytics-worker-2",
                    "analytics-worker-1",
                ]
                .enumerated() {
                    let mark = index * 800 + .random(in: 100...700)
                    try await eventually(every: .milliseconds(5), "\(mark) orders are placed") {
                        placed.value >= mark
                    }
                    if victim.hasPrefix("analytics") {
                        try await killAtWork(victim, system, placed)
                    } else {
                        kill(try system.pid(of: victim), SIGKILL)
                    }
                    if index == 2 { try await holdSomeBack(system) }
                }
            }
            for lane in 0..<16 {
                group.addTask {
                    for number in stride(from: lane, to: Self.orders, by: 16) {
                        // Few users, so that most orders are repeats and many first ones are in dispute.
                        let order =
                            #"{"user_id":\#(number % 617 + 1),"product_id":\#(number % 12 + 1),"#
                            + #""quantity":\#(number % 9 + 1),"price":\#(number % 50 + 1).25}"#
                        let answer = try await system.place(order, key: "order-\(number)")
                        #expect(answer.status == 201)
                        placed.increment()
                    }
                }
            }
            try await group.waitForAll()
        }
        try await eventually("what a worker had in hand when it died is delivered once more") {
            try await redelivered(system) > 0
        }
    }

    /// Kills a worker while nobody can write to its database, so that it dies with events in hand.
    private func killAtWork(_ victim: String, _ system: OrderSystem, _ placed: Count) async throws {
        let database = try system.database(of: "analytics")
        defer { database.close() }
        let (isLocked, isOver) = (Gate(), DispatchSemaphore(value: 0))
        async let lock: Void = {
            // Also where it cannot be locked.
            defer { isLocked.open() }
            try await database.write { transaction in
                _ = try transaction.execute("DELETE FROM counted_events WHERE event_id = ''")
                isLocked.open()
                // Less than the workers' own patience.
                _ = isOver.wait(timeout: .now() + 3)
            }
        }()
        await isLocked.wait()
        let goal = min(placed.value + 60, Self.orders)
        try? await eventually(within: .seconds(2), every: .milliseconds(5), "60 orders more are placed") {
            placed.value >= goal
        }
        kill(try system.pid(of: victim), SIGKILL)
        isOver.signal()
        try await lock
    }

    /// How many events of the queue were delivered again because nobody acknowledged them.
    private func redelivered(_ system: OrderSystem) async throws -> Int {
        struct Queue: Decodable {
            struct Statistics: Decodable { var redeliver: Int? }
            var message_stats: Statistics?
        }
        let queue = try await decode(Queue.self, system.management("GET", "queues/%2F/analytics").text)
        return queue.message_stats?.redeliver ?? 0
    }

    /// Takes a table away for a moment: what comes meanwhile is tried again, and so arrives after later orders.
    private func holdSomeBack(_ system: OrderSystem) async throws {
        try await system.change("analytics", "ALTER TABLE product_totals RENAME TO taken_away")
        try await eventually("some events are tried again later") {
            system.up.lines.contains {
                $0.hasPrefix("analytics-worker") && $0.contains("Event scheduled for retry")
            }
        }
        try await system.change("analytics", "ALTER TABLE taken_away RENAME TO product_totals")
    }

    private func repeatSome(_ recorded: [RecordedOrder], _ system: OrderSystem) async throws {
        let chosen = recorded.shuffled().prefix(Self.repeats)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for order in chosen.dropFirst(lane * chosen.count / 8).prefix(chosen.count / 8 + 1) {
                        try await system.publishAgain(order)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func expectFigures(_ expected: StatsAnswer, _ system: OrderSystem) async throws {
        var found: StatsAnswer?
        try await eventually(every: .milliseconds(300), "every order is counted; \(found?.totals ?? [])") {
            found = try await statistics(system)
            return found?.totals == expected.totals
        }
        // Nothing is under way that could still change them; the last repeat included.
        try await system.settled()
        let answer = try await statistics(system)
        #expect(answer.totals == expected.totals)
        #expect(answer.bucket_seconds == 60)
        #expect(Set(answer.cohorts) == Set(expected.cohorts))
        #expect(Set(answer.products) == Set(expected.products))
        #expect(answer.series == expected.series)
    }

    private func statistics(_ system: OrderSystem) async throws -> StatsAnswer {
        let answer = try await system.orderctl("stats", "--json", "--top", "1000")
        guard answer.exit == .code(0) else { throw NotInTime(description: answer.error) }
        return try decode(StatsAnswer.self, answer.output)
    }

    private func readByCommand(_ system: OrderSystem) async throws {
        let table = try await system.orderctl("stats", "--since", "1h")
        #expect(table.exit == .code(0))
        for part in ["AVERAGE BASKET", "repeat", "Orders per minute, UTC", "┤"] {
            #expect(table.output.contains(part), "\(table.output)")
        }
        #expect(!table.output.contains("\u{1B}"))
        let none = try await system.orderctl("stats", "--since", "2099-01-01T00:00:00+01:00")
        #expect(none.output == "No orders since 2098-12-31T23:00:00.000Z.")
        let bad = try await system.orderctl("stats", "--since", "tomorrow")
        #expect(bad.exit == .code(64))
        #expect(bad.error.contains("since must be a duration such as 1h"))
        let nobody = try await system.orderctl("stats", "--analytics-url", "http://127.0.0.1:1")
        #expect(nobody.exit == .code(69))
        // Each worker has a port of its own, the restarted ones too.
        let admins = try system.state().processes.compactMap(\.admin)
        #expect(Set(admins).count == 4)
        let url = try #require(try system.state().processes.first { $0.name == "analytics-worker-3" }?.admin)
        #expect(
            try await system.orderctl("stats", "--analytics-url", url).output.contains("Orders of all time")
        )
    }

    /// The worker is stopped, its database deleted, and filled again from the event log.
    private func rebuild(
        in directory: TemporaryDirectory,
        _ environment: [String: String],
        _ expected: StatsAnswer
    ) async throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: directory.text(of: "analytics.db\(suffix)"))
        }
        try await OrderSystem.run(
            ["--analytics-workers", "2", "--inventory-workers", "1", "--notification-workers", "0"],
            environment: environment,
            in: directory
        ) { system in
            #expect(try await statistics(system).totals.isEmpty)
            let replay = try await system.orderctl("events", "replay", "--to", "analytics", "--rate", "5000")
            #expect(replay.exit == .code(0), "\(replay.output)\(replay.error)")
            try await expectFigures(expected, system)
            #expect(try await system.outcomes(of: "inventory").values.allSatisfy { $0 == 0 })
        }
    }
}

/// Counts what several tasks do.
private final class Count: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .relaxed) }

    func increment() { number.add(1, ordering: .relaxed) }
}
