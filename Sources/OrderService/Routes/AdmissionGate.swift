import Synchronization

/// Bounds how many orders are being accepted at once, so that a flood is turned away before it fills memory.
final class AdmissionGate: Sendable {
    /// Below the 10 000 writes that the database lets wait, so that only this gate is ever felt.
    static let usualLimit = 5_000

    private let limit: Int
    private let inside = Atomic<Int>(0)

    init(limit: Int = usualLimit) {
        self.limit = limit
    }

    /// Runs the work, or throws ``Problem/tooManyRequests`` when as many are inside as may be.
    func admit<Value>(_ work: () async throws -> Value) async throws -> Value {
        let (_, count) = inside.add(1, ordering: .relaxed)
        defer { inside.subtract(1, ordering: .relaxed) }
        guard count <= limit else { throw Problem.tooManyRequests }
        return try await work()
    }
}
