import Database
import Synchronization
import TestSupport
import Testing

@Suite("Many writers share commits")
struct GroupCommitTests {
    struct Refused: Error, Equatable {}

    /// Remembers what happened in which order.
    final class Journal: Sendable {
        private let contents = Mutex<[Int]>([])
        func note(_ entry: Int) { contents.withLock { $0.append(entry) } }
        var entries: [Int] { contents.withLock { $0 } }
    }

    @Test("two hundred waiting writes use one commit")
    func sharing() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let (before, latch) = (database.commitCount, Latch())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addImmediateTask { try await database.write { _ in latch.wait() } }
            for index in 0..<200 { group.addImmediateTask { try await database.add("item-\(index)") } }
            latch.open()
            try await group.waitForAll()
        }
        // One for the latch, one for all who gathered behind it.
        #expect(database.commitCount - before <= 2)
        #expect(try await database.names().count == 200)
    }

    @Test("a body that throws undoes itself and none of its neighbours")
    func neighbours() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let latch = Latch()
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            group.addImmediateTask { await error { try await database.write { _ in latch.wait() } } }
            for index in 0..<60 {
                group.addImmediateTask {
                    await error {
                        try await database.write { transaction in
                            try transaction.execute(
                                "INSERT INTO items (name) VALUES ($1)",
                                [.text("item-\(index)")]
                            )
                            if index % 3 == 0 { throw Refused() }
                            if index % 3 == 1 {
                                try transaction.execute("INSERT INTO items VALUES ('bad', -1)")
                            }
                        }
                    }
                }
            }
            latch.open()
            return await group.reduce(into: []) { if let error = $1 { $0.append(error) } }
        }
        #expect(failures.count(where: { $0 is Refused }) == 20)
        #expect(failures.count(where: { ($0 as? DatabaseError)?.kind == .constraint }) == 20)
        let names = try await database.names()
        #expect(names.count == 20)
        #expect(names.allSatisfy { Int($0.dropFirst(5)).map { $0 % 3 == 2 } ?? false })
    }

    @Test("where one throws the others run once more, and nothing of the first time is left")
    func onceMore() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let (runs, latch) = (Journal(), Latch())
        let (held, hold) = AsyncStream.makeStream(of: Void.self)
        try await database.add("counter")
        let before = database.commitCount
        await withTaskGroup(of: Void.self) { group in
            group.addImmediateTask {
                _ = await error {
                    try await database.write { _ in
                        hold.yield()
                        latch.wait()
                    }
                }
            }
            // The others are one group: the writer is busy.
            for await _ in held { break }
            for index in 0..<10 {
                group.addImmediateTask {
                    _ = await error {
                        try await database.write { transaction in
                            runs.note(index)
                            try transaction.execute("UPDATE items SET amount = amount + 1")
                            if index == 4 || index == 8 { throw Refused() }
                        }
                    }
                }
            }
            latch.open()
        }
        #expect(runs.entries == [0, 1, 2, 3, 4] + Array(0..<10))
        let amount = try await database.read {
            try $0.queryOne("SELECT amount FROM items")?.integer("amount")
        }
        // Ten added one each, and two of them undid it.
        #expect(amount == 9)
        // The latch's and theirs.
        #expect(database.commitCount - before == 2)
    }

    @Test("a body that throws alone in its commit does not run again")
    func alone() async throws {
        let rig = try DatabaseRig()
        let runs = Journal()
        await #expect(throws: Refused()) {
            try await rig.database.write { transaction in
                runs.note(1)
                try transaction.execute("INSERT INTO items (name) VALUES ('lost')")
                throw Refused()
            }
        }
        #expect(runs.entries == [1])
        #expect(try await rig.database.names().isEmpty)
        try await rig.database.add("kept")
    }

    @Test("a cancelled caller still learns the truth, once")
    func cancellation() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let latch = Latch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addImmediateTask { try await database.write { _ in latch.wait() } }
            for index in 0..<20 { group.addImmediateTask { try await database.add("item-\(index)") } }
            group.cancelAll()
            latch.open()
            try await group.waitForAll()
        }
        #expect(try await database.names().count == 20)
    }

    @Test("what follows a commit happens in the order of the bodies, and not for those that threw")
    func afterCommit() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let (journal, latch) = (Journal(), Latch())
        let written = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addImmediateTask {
                try await database.write { _ in latch.wait() }
                return nil
            }
            for index in 0..<100 {
                group.addImmediateTask {
                    try? await database.write { transaction in
                        transaction.afterCommit { journal.note(index) }
                        if index % 2 == 1 { throw Refused() }
                        return index
                    }
                }
            }
            latch.open()
            return try await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
        }
        #expect(written == 50)
        #expect(journal.entries == Array(stride(from: 0, to: 100, by: 2)))
    }

    @Test("after closing, a write is refused and nothing is left behind")
    func closing() async throws {
        let rig = try DatabaseRig()
        try await rig.database.add("kept")
        rig.database.close()
        rig.database.close()
        await #expect(throws: DatabaseError(.closed, during: .begin, "the database is closed")) {
            try await rig.database.add("late")
        }
        #expect(try await rig.reopened().names() == ["kept"])
    }
}

private func error(_ work: () async throws -> Void) async -> (any Error)? {
    do {
        try await work()
        return nil
    } catch {
        return error
    }
}
