import Database
import OrderEvents
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import WorkQueue

@testable import LoyaltyWorker

@Suite("A worker whose database takes nothing", .timeLimit(.minutes(1)))
struct StorageGuardTests {
    private let metrics = PrometheusRegistry()
    private let screen = Screen()

    private func storage(pause: Duration = .milliseconds(1), hold: Duration = .seconds(60)) -> StorageGuard {
        StorageGuard(
            policy: BreakerPolicy(failures: 2, pause: pause, longestPause: pause),
            hold: hold,
            logger: screen.logger,
            metrics: metrics
        )
    }

    private static let faults: [DatabaseError.Kind] = [
        .busy, .full, .readOnly, .unavailable, .corrupt, .outcomeUnknown,
    ]

    @Test("uses no attempt up, whatever is wrong with the database", arguments: faults)
    func uncounted(kind: DatabaseError.Kind) async {
        let verdict = await storage().run { throw DatabaseError(kind, during: .commit, "mend me") }
        guard case .postpone(let note, _) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(note.text == "database \(kind) during commit: mend me")
        #expect(Verdict.after(DatabaseError(kind, during: .commit, "mend me")).isPostponed)
    }

    @Test(
        "opens after failures in a row, shows it, probes with one event, and lets all flow on after a success"
    )
    func breaker() async throws {
        let storage = storage()
        let broken = Broken()
        let verdicts = try await withThrowingTaskGroup(of: Verdict.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await storage.run { try broken.use() }
                }
            }
            try await eventually(every: .milliseconds(1), "it is open, and probes") {
                storage.health == .failing("events wait: database full during commit: mend me")
                    && broken.tries.load(ordering: .relaxed) > 20
            }
            #expect(metrics.text().contains(#"circuit_breaker_open{transport="database"} 1"#))
            broken.isMended.store(true, ordering: .relaxed)
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(verdicts.count { $0 == .done } >= 18)
        #expect(verdicts.allSatisfy { $0 == .done || $0.isPostponed })
        #expect(storage.health == .ok)
        #expect(metrics.text().contains(#"circuit_breaker_open{transport="database"} 0"#))
    }

    @Test("holds no event for ever, and none back from a worker that stops")
    func limits() async throws {
        let impatient = storage(pause: .seconds(60), hold: .milliseconds(50))
        for _ in 0..<3 {
            let verdict = await impatient.run { throw DatabaseError(.full, during: .commit, "mend me") }
            #expect(verdict.isPostponed)
        }
        let patient = storage(pause: .seconds(60))
        for _ in 0..<2 { _ = await patient.run { throw DatabaseError(.full, during: .commit, "mend me") } }
        let waiting = Waiting(storage: patient)
        let group = ServiceGroup(services: [waiting], logger: screen.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually(every: .milliseconds(1), "it waits") {
                waiting.hasBegun.load(ordering: .relaxed)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(waiting.verdict.withLock { $0 } == .release)
    }

    @Test("an event of a handler in one transaction waits, and is applied once the database takes it")
    func transactional() async throws {
        let scratch = try Scratch()
        let migrations = [
            Migration("notes-1", sql: "CREATE TABLE notes (text TEXT NOT NULL)"), EventReceipts.migration,
        ]
        let database = try scratch.open(migrations)
        let storage = storage()
        let handler = TransactionalHandler<OrderCreated>(database, storage: storage) {
            order,
            transaction,
            _ in
            try transaction.execute("INSERT INTO notes (text) VALUES (hex(zeroblob(100000)))")
            return .done("noted")
        }
        _ = try await database.write { try $0.query("PRAGMA max_page_count = 1") }
        for _ in 0..<2 {
            #expect(await handler.handle(order(), in: context("e1")).isPostponed)
        }
        async let verdict = handler.handle(order(), in: context("e1"))
        try await eventually(every: .milliseconds(1), "it waits") { storage.health != .ok }
        _ = try await database.write { try $0.query("PRAGMA max_page_count = 100000") }
        #expect(await verdict == .done("noted"))
        #expect(await handler.handle(order(), in: context("e1")) == .done)
    }
}

/// A database that takes nothing until it is mended.
private final class Broken: Sendable {
    let isMended = Atomic(false)
    let tries = Atomic(0)

    func use() throws -> Verdict {
        tries.add(1, ordering: .relaxed)
        guard isMended.load(ordering: .relaxed) else {
            throw DatabaseError(.full, during: .commit, "mend me")
        }
        return .done
    }
}

/// A handler at work in a program that is told to stop.
private final class Waiting: Service {
    let storage: StorageGuard
    let verdict = Mutex<Verdict?>(nil)
    let hasBegun = Atomic(false)

    init(storage: StorageGuard) {
        self.storage = storage
    }

    func run() async throws {
        hasBegun.store(true, ordering: .relaxed)
        let verdict = await storage.run { .done }
        self.verdict.withLock { $0 = verdict }
    }
}

extension Verdict {
    fileprivate var isPostponed: Bool {
        if case .postpone = self { true } else { false }
    }
}
