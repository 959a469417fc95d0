/// One open database, shared by every task of a program.
///
/// Writes are serialized and share commits; reads run beside them on a few connections of their own, each seeing
/// one moment. Several processes may have one SQLite file open.
public final class Database: Sendable {
    private let engine: any StorageEngine
    private let keeper = DeadlineKeeper()

    /// Where this database lives.
    public let location: DatabaseLocation

    private init(_ engine: any StorageEngine, at location: DatabaseLocation) {
        self.engine = engine
        self.location = location
    }

    /// Opens a database, creating the file and its directory where missing, and brings its schema up to date.
    ///
    /// Several processes may do this at once: one migrates, the others wait for it, at most 5 s.
    ///
    /// - Parameters:
    ///   - location: See ``DatabaseLocation/parse(_:)``.
    ///   - migrations: The schema's history; steps the file has seen already are skipped.
    ///   - lockPatience: How long a write waits for a lock of another process, once the database is open; at least
    ///     1 ms, default 5 s. Shorter where somebody waits for the answer.
    /// - Returns: The open database; ``close()`` it in the end.
    /// - Throws: ``DatabaseError``; a schema is migrated wholly or not at all.
    /// - Note: Blocks its thread: for a program's start, not for a request.
    public static func open(
        _ location: DatabaseLocation,
        migrations: [Migration],
        lockPatience: Duration = .seconds(5)
    ) throws(DatabaseError) -> Database {
        switch location {
        case .sqlite(let path):
            return try Database(
                SQLiteEngine(path: path, migrations: migrations, lockPatience: lockPatience),
                at: location
            )
        case .postgres:
            throw DatabaseError(.unsupported, during: .open, "PostgreSQL is not available in this build")
        }
    }

    /// Runs a body in a write transaction and returns once its effect is on disk.
    ///
    /// Callers that wait at the same time share one commit; a body that throws undoes itself and nobody else. Order among
    /// callers is the order of their calls.
    ///
    /// - Parameters:
    ///   - patience: Longest wait for the disk, to 50 ms; nil waits for as long as it takes. A lock held by another process is
    ///     waited for as long as was asked for at the opening, whatever this says, and once more where a body threw.
    ///   - body: Runs on the writer's thread, and once more where one of several in the same commit threw; nothing is left of
    ///     the first time. Must not wait for anything, and do nothing beside the transaction.
    ///   - ended: Called once with what became of the body, on any thread, also when the caller waits no longer.
    /// - Returns: What the body returned; by then it is durable (`synchronous=FULL`).
    /// - Throws: What the body threw, or ``DatabaseError``: with every kind but `outcomeUnknown` nothing was written.
    ///   After the patience it is that kind, and the body runs all the same.
    /// - Note: Any task. Cancelling the task abandons nothing: the answer is still the truth. At most 10 000 callers
    ///   wait; further ones get `busy` at once, and who comes while a lock is waited for is answered with the first.
    public func write<Value: Sendable>(
        within patience: Duration? = nil,
        _ body: @escaping @Sendable (Transaction) throws -> Value,
        ended: @escaping @Sendable (Result<Value, any Error>) -> Void = { _ in }
    ) async throws -> Value {
        let late = DatabaseError(.outcomeUnknown, during: .commit, "the disk did not answer in time")
        return try await answer(within: patience, or: late) { [engine] caller in
            let write = PendingWrite(body) { result in
                ended(result)
                caller(result)
            }
            engine.enqueue(write)
        }
    }

    /// Runs a body that only reads, on a snapshot of the last commit, beside any writer.
    ///
    /// - Parameters:
    ///   - patience: Longest wait for the disk, to 50 ms; nil waits for as long as it takes.
    ///   - body: Runs once, on a reader's thread. Statements that write throw `readOnly`.
    /// - Returns: What the body returned.
    /// - Throws: What the body threw, or ``DatabaseError``, `unavailable` after the patience.
    /// - Note: Any task; four run at a time, others wait their turn.
    public func read<Value: Sendable>(
        within patience: Duration? = nil,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let late = DatabaseError(.unavailable, during: .statement, "the disk did not answer in time")
        return try await answer(within: patience, or: late) { [engine] caller in
            engine.read { transaction in caller(Result { try body(transaction.get()) }) }
        }
    }

    /// Begins something that calls its caller once, and waits for that or for the end of patience.
    private func answer<Value: Sendable>(
        within patience: Duration?,
        or late: DatabaseError,
        _ begin: (@escaping @Sendable (Result<Value, any Error>) -> Void) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            guard let patience else { return begin { continuation.resume(with: $0) } }
            let answer = SingleAnswer(continuation, late: late)
            let number = keeper.watch(answer, for: patience)
            begin { [keeper] result in
                keeper.forget(number)
                answer.resume(with: result)
            }
        }
    }

    /// Closes the database after everything already accepted was answered.
    ///
    /// Later calls are answered `closed`. Closing twice does nothing. Blocks its thread for as long as that takes.
    public func close() {
        engine.close()
    }

    /// Commits made so far by this handle: one for each group of writes.
    package var commitCount: Int {
        engine.commitCount
    }
}

/// What every engine offers to ``Database``.
protocol StorageEngine: Sendable {
    var commitCount: Int { get }
    /// Takes a write in; answers it exactly once, whatever happens.
    func enqueue(_ work: any PendingWork)
    /// Lends a reading transaction, or says why there is none.
    func read(_ body: @escaping @Sendable (Result<Transaction, DatabaseError>) -> Void)
    func close()
}
