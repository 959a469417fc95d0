import Synchronization

/// Resumes a caller once: with what comes first, its result or the end of its patience.
final class SingleAnswer<Value: Sendable>: Expiring {
    private let continuation: Mutex<CheckedContinuation<Value, any Error>?>
    /// What the caller is told after its patience.
    private let late: DatabaseError

    init(_ continuation: CheckedContinuation<Value, any Error>, late: DatabaseError) {
        self.continuation = Mutex(continuation)
        self.late = late
    }

    /// Answers; does nothing where the caller has its answer.
    func resume(with result: Result<Value, any Error>) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(with: result)
    }

    func expire() {
        resume(with: .failure(late))
    }
}
