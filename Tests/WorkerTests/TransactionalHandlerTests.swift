import Database
import OrderEvents
import ServiceKit
import Synchronization
import TestSupport
import Testing
import WorkQueue

@testable import LoyaltyWorker

@Suite("A handler in one transaction")
struct TransactionalHandlerTests {
    private let scratch: Scratch
    private let database: Database
    private let second: Database

    init() throws {
        scratch = try Scratch()
        let migrations = [
            Migration("notes-1", sql: "CREATE TABLE notes (text TEXT NOT NULL UNIQUE)"),
            EventReceipts.migration,
        ]
        database = try scratch.open(migrations)
        second = try scratch.open(migrations)
    }

    /// Writes a note, then answers the verdict.
    private func handler(
        _ verdict: Verdict,
        in database: Database? = nil
    ) -> TransactionalHandler<OrderCreated> {
        TransactionalHandler(database ?? self.database) { order, transaction, context in
            try transaction.execute("INSERT INTO notes (text) VALUES ($1)", [.text(context.eventID)])
            return verdict
        }
    }

    private func notes() async throws -> Int64? {
        try await database.read { try $0.queryOne("SELECT COUNT(*) AS count FROM notes")?.integer("count") }
    }

    @Test("an event that comes twice is applied once")
    func twice() async throws {
        #expect(await handler(.done("noted")).handle(order(), in: context("e1")) == .done("noted"))
        #expect(await handler(.done("noted")).handle(order(), in: context("e1")) == .done)
        #expect(await handler(.rejected("no")).handle(order(), in: context("e2")) == .rejected("no"))
        #expect(await handler(.done("noted")).handle(order(), in: context("e2")) == .done)
        #expect(try await notes() == 2)
    }

    @Test("of many deliveries of one event at once, in two instances, one runs the body")
    func atOnce() async throws {
        let runs = Atomic(0)
        let verdicts = await withTaskGroup(of: Verdict.self) { group in
            for index in 0..<40 {
                let handler = TransactionalHandler<OrderCreated>(index.isMultiple(of: 2) ? database : second)
                {
                    _,
                    transaction,
                    context in
                    runs.add(1, ordering: .relaxed)
                    try transaction.execute("INSERT INTO notes (text) VALUES ('x')")
                    return .done("ran")
                }
                group.addTask { await handler.handle(order(), in: context("e1")) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(runs.load(ordering: .relaxed) == 1)
        #expect(verdicts.filter { $0 == .done("ran") }.count == 1)
        #expect(verdicts.filter { $0 == .done }.count == 39)
        #expect(try await notes() == 1)
    }

    @Test(
        "a verdict that promises no effect leaves none, and the event is applied when it comes again",
        arguments: [
            .retry("later"), .postpone("soon", after: .seconds(1)), .release, .deadLetter("never"),
        ] as [Verdict]
    )
    func undone(verdict: Verdict) async throws {
        #expect(await handler(verdict).handle(order(), in: context("e1")) == verdict)
        #expect(try await notes() == 0)
        #expect(await handler(.done("noted")).handle(order(), in: context("e1")) == .done("noted"))
        #expect(try await notes() == 1)
    }

    @Test(
        "what the store throws decides: data that the schema refuses is dead, everything else is tried again"
    )
    func errors() async throws {
        func verdict(_ sql: String, _ eventID: String) async -> Verdict {
            let handler = TransactionalHandler<OrderCreated>(database) { _, transaction, _ in
                try transaction.execute("INSERT INTO notes (text) VALUES ('kept?')")
                try transaction.execute(sql)
                return .done
            }
            return await handler.handle(order(), in: context(eventID))
        }
        guard case .deadLetter = await verdict("INSERT INTO notes (text) VALUES (NULL)", "e1") else {
            Issue.record("a row that the schema refuses is no dead letter")
            return
        }
        guard case .retry = await verdict("INSERT INTO nowhere VALUES (1)", "e2") else {
            Issue.record("a missing table is not tried again")
            return
        }
        #expect(try await notes() == 0)
    }

    @Test("services that share a database do not take each other's receipts for their own")
    func sharedDatabase() async throws {
        for service in ["one", "two", "one"] {
            let handler = TransactionalHandler<OrderCreated>(database, service: service) {
                _,
                transaction,
                _ in
                try transaction.execute("INSERT INTO notes (text) VALUES ($1)", [.text(service)])
                return .done
            }
            #expect(await handler.handle(order(), in: context("e1")) == .done)
        }
        #expect(try await notes() == 2)
    }
}
