import Synchronization

/// A write that waits for its turn, its commit and its one answer, whatever its result's type.
protocol PendingWork: AnyObject, Sendable {
    /// Runs the body and keeps what it returned or threw; returns what it threw.
    func run(in transaction: Transaction) -> (any Error)?
    /// Forgets what the body returned or threw, since nothing of that run is left.
    func forget()
    /// Answers the caller with what the body returned or threw.
    func answer()
    /// Answers the caller that the body's effect is not there; a body's own error is still told first.
    func answer(failing error: DatabaseError)
}

/// One caller of `Database.write`.
final class PendingWrite<Value: Sendable>: PendingWork {
    private let body: @Sendable (Transaction) throws -> Value
    private let caller: @Sendable (Result<Value, any Error>) -> Void
    /// Written by the writer's thread only.
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(
        _ body: @escaping @Sendable (Transaction) throws -> Value,
        answering caller: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        self.body = body
        self.caller = caller
    }

    func run(in transaction: Transaction) -> (any Error)? {
        let outcome = Result { try body(transaction) }
        result.withLock { $0 = outcome }
        return if case .failure(let error) = outcome { error } else { nil }
    }

    func forget() {
        result.withLock { $0 = nil }
    }

    func answer() {
        guard let outcome = result.withLock({ $0 }) else {
            preconditionFailure("a write is answered before it ran")
        }
        caller(outcome)
    }

    func answer(failing error: DatabaseError) {
        if case .failure(let own)? = result.withLock({ $0 }) {
            caller(.failure(own))
        } else {
            caller(.failure(error))
        }
    }
}
