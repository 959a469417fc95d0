import Curl
import Glibc
import RabbitMQNode
import Synchronization
import TestSupport
import Testing

@Suite("Order services on one database", .serialized, .privateBroker, .timeLimit(.minutes(4)))
struct SharedDatabaseTests {
    private static let orders = 500

    @Test(
        "every event is published, in the order of commits, though the one that publishes is killed on the way"
    )
    func killedPublisher() async throws {
        let system = try LooseSystem()
        let first = try await system.start("order-service")
        _ = try await system.address(of: first)
        let second = try await system.start("order-service")
        _ = try await second.line(containing: "this one stands by")
        try await system.tap("tap")
        let addresses = [try await system.address(of: first), try await system.address(of: second)]

        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for number in stride(from: lane, to: Self.orders, by: 8) {
                        let wasKilled = tally.isKilled
                        let id = try await place("order-\(number)", addresses, lane, system)
                        tally.note(id, isLate: wasKilled)
                    }
                }
            }
            group.addTask {
                try await eventually(every: .milliseconds(5), "150 orders are placed") {
                    tally.answered >= 150
                }
                first.process.send(SIGKILL)
                _ = try await first.exit()
                tally.killed()
            }
            try await group.waitForAll()
        }
        _ = try await second.line(containing: "publishes all events from now on")
        try await eventually("the outbox is empty") {
            try await system.number("SELECT COUNT(*) AS x FROM outbox", of: "order-service") == 0
        }
        try await expectPublished(system, tally.late)
        try await handOver(from: second, system)
    }

    /// Places an order at the lane's own service, or at the other one once that is gone.
    private func place(
        _ key: String,
        _ addresses: [String],
        _ lane: Int,
        _ system: LooseSystem
    ) async throws
        -> String
    {
        var answer: HTTPResponse
        do {
            answer = try await system.place(key, at: addresses[lane % 2])
        } catch is HTTPClientError {
            answer = try await system.place(key, at: addresses[1])
        }
        guard answer.status == 201, let id = answer.text.firstMatch(of: /"order":\{"id":"([^"]+)"/) else {
            throw NotInTime(description: "not accepted: \(answer.status) \(answer.text)")
        }
        return String(id.1)
    }

    private func expectPublished(_ system: LooseSystem, _ late: Set<String>) async throws {
        let committed = try await system.rows(
            "SELECT event_id AS x FROM orders ORDER BY id",
            of: "order-service"
        )
        let published = try await system.eventIDs(in: "tap")
        var seen = Set<String>()
        let firsts = published.filter { seen.insert($0).inserted }
        #expect(committed.count == Self.orders)
        #expect(firsts.count == committed.count)
        let isInOrder = firsts == committed
        #expect(isInOrder)
        // What was in flight at the kill may be there twice; what was accepted after it is not.
        let repeated = Dictionary(grouping: published) { $0 }.filter { $1.count > 1 }
        let ids = try await system.rows(
            "SELECT event_id AS x FROM orders WHERE id IN (\(late.map { "'\($0)'" }.joined(separator: ",")))",
            of: "order-service"
        )
        #expect(!ids.isEmpty && repeated.keys.allSatisfy { !ids.contains($0) })
    }

    /// One that stops in order gives the lease back, and the next start need not wait for its end.
    private func handOver(from second: ProgramUnderTest, _ system: LooseSystem) async throws {
        await second.stop()
        let third = try await system.start("order-service")
        let answer = try await system.place("late", at: try await system.address(of: third))
        #expect(answer.status == 201)
        try await eventually("the third one publishes") {
            try await system.eventIDs(in: "tap").count == 1
        }
        #expect(!third.transcript.contains("stands by"))
        await third.stop()
    }
}

/// How many orders were answered, and which of them were sent after the kill.
private final class Tally: Sendable {
    private struct State {
        var answered = 0
        var late: Set<String> = []
        var isKilled = false
    }

    private let state = Mutex(State())

    var answered: Int { state.withLock { $0.answered } }
    var late: Set<String> { state.withLock { $0.late } }
    var isKilled: Bool { state.withLock { $0.isKilled } }

    func killed() {
        state.withLock { $0.isKilled = true }
    }

    func note(_ id: String, isLate: Bool) {
        state.withLock { state in
            state.answered += 1
            if isLate { state.late.insert(id) }
        }
    }
}
