import GRDB
import Synchronization

/// Collects the writes of many callers into few commits.
///
/// While one group is on its way to the disk the next one gathers, so nobody waits for company: a lone write
/// commits at once, and under load a commit carries as many as came during the one before.
final class GroupCommit: Sendable {
    /// Bodies in one commit: enough to make its fsync cheap for each, few enough to keep the lock short.
    static let groupLimit = 256
    /// Callers waiting at once; beyond it they are answered `busy`.
    static let waitingLimit = 10_000

    private struct Contents {
        var waiting: [any PendingWork] = []
        var isDraining = false
        var isClosed = false
    }

    private let contents = Mutex(Contents())
    private let commits = Atomic<Int>(0)

    var commitCount: Int { commits.load(ordering: .relaxed) }

    /// Takes a write in.
    ///
    /// Says whether the caller must see to it that ``drain(on:)`` runs on the writer's queue.
    func accept(_ work: any PendingWork) -> Bool {
        let (refusal, mustDrain): (DatabaseError?, Bool) = contents.withLock { contents in
            guard !contents.isClosed else { return (.isClosed, false) }
            guard contents.waiting.count < Self.waitingLimit else { return (.tooManyWaiting, false) }
            contents.waiting.append(work)
            guard !contents.isDraining else { return (nil, false) }
            contents.isDraining = true
            return (nil, true)
        }
        if let refusal { work.answer(failing: refusal) }
        return mustDrain
    }

    /// Refuses every later write; those accepted are still carried out.
    ///
    /// Says whether this was the first time.
    func close() -> Bool {
        contents.withLock { contents in
            defer { contents.isClosed = true }
            return !contents.isClosed
        }
    }

    /// Commits group after group until nobody waits.
    ///
    /// The writer's queue only.
    func drain(on connection: GRDB.Database) {
        while let group = takeGroup() {
            var rest = group[...]
            while !rest.isEmpty {
                rest = commit(rest, on: connection)
            }
        }
    }

    private func takeGroup() -> [any PendingWork]? {
        contents.withLock { contents in
            guard !contents.waiting.isEmpty else {
                contents.isDraining = false
                return nil
            }
            let group = Array(contents.waiting.prefix(Self.groupLimit))
            contents.waiting.removeFirst(group.count)
            return group
        }
    }

    /// Runs and commits a group, and returns those whose turn is still to come.
    ///
    /// That is nobody, unless SQLite gave the transaction up in the middle (a full disk, a failing one).
    private func commit(
        _ group: ArraySlice<any PendingWork>,
        on connection: GRDB.Database
    ) -> ArraySlice<any PendingWork> {
        let actions = AfterCommit()
        let transaction = Transaction(on: SQLiteSession(connection: connection), collecting: actions)
        guard begin(group, on: connection) else { return [] }
        var guarding = false
        var turn = group.startIndex
        while turn < group.endIndex {
            do {
                let count = actions.collected.count
                if try run(group[turn], guarding: guarding, in: transaction, on: connection) {
                    turn += 1
                } else if guarding {
                    actions.collected.removeLast(actions.collected.count - count)
                    turn += 1
                } else {
                    try connection.rollback()
                    guard group.count > 1 else {
                        group[turn].answer()
                        return []
                    }
                    // It is undone and the others should not be, so all of them run once more.
                    group[...turn].forEach { $0.forget() }
                    actions.collected = []
                    guard begin(group, on: connection) else { return [] }
                    guarding = true
                    turn = group.startIndex
                }
            } catch {
                let failure = DatabaseError(translating: error, during: .statement)
                try? connection.rollback()
                group[...turn].forEach { $0.answer(failing: failure) }
                return group[(turn + 1)...]
            }
        }

        do {
            try Self.run("COMMIT TRANSACTION", on: connection)
            commits.add(1, ordering: .relaxed)
            actions.collected.forEach { $0() }
            group.forEach { $0.answer() }
        } catch {
            let failure = DatabaseError(translating: error, during: .commit)
            try? connection.rollback()
            group.forEach { $0.answer(failing: failure) }
        }
        return []
    }

    /// Takes the write lock, or tells the group and everybody who waits that it is not to be had.
    private func begin(_ group: ArraySlice<any PendingWork>, on connection: GRDB.Database) -> Bool {
        do {
            try Self.run("BEGIN IMMEDIATE TRANSACTION", on: connection)
            return true
        } catch {
            // It was waited for as long as the busy timeout. Who came meanwhile waited long enough too.
            let failure = DatabaseError(translating: error, during: .begin)
            (group + takeEverybody()).forEach { $0.answer(failing: failure) }
            return false
        }
    }

    /// Runs one body, when guarding in a savepoint of its own, which undoes what it did where it throws.
    ///
    /// A savepoint has SQLite copy every page that a body touches before it is changed. Hardly any body throws, so they
    /// run without first.
    ///
    /// Says whether the body returned; throws only when the whole transaction is lost.
    private func run(
        _ work: any PendingWork,
        guarding: Bool,
        in transaction: Transaction,
        on connection: GRDB.Database
    ) throws -> Bool {
        if guarding { try Self.run("SAVEPOINT caller", on: connection) }
        let thrown = work.run(in: transaction)
        // Some errors make SQLite roll everything back by itself: https://www.sqlite.org/lang_transaction.html
        guard connection.isInsideTransaction else {
            throw thrown as? DatabaseError ?? .transactionGivenUp
        }
        if guarding {
            if thrown != nil { try Self.run("ROLLBACK TO SAVEPOINT caller", on: connection) }
            try Self.run("RELEASE SAVEPOINT caller", on: connection)
        }
        return thrown == nil
    }

    /// Runs a statement that is prepared once; `beginTransaction` and `commit` of GRDB prepare theirs each time.
    private static func run(_ sql: String, on connection: GRDB.Database) throws {
        try connection.cachedStatement(sql: sql).execute()
    }

    private func takeEverybody() -> [any PendingWork] {
        contents.withLock { contents in
            defer { contents.waiting = [] }
            return contents.waiting
        }
    }
}

extension DatabaseError {
    static let transactionGivenUp = DatabaseError(
        .unavailable,
        during: .statement,
        "the database gave up the transaction"
    )
    static let isClosed = DatabaseError(.closed, during: .begin, "the database is closed")
    static let tooManyWaiting = DatabaseError(
        .busy,
        during: .begin,
        "\(GroupCommit.waitingLimit) writes wait already"
    )
}
