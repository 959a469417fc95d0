import Synchronization

/// Lets one read run at a time; others wait a moment, or are refused.
///
/// The database has four readers, and readiness and the metrics need one, too.
final class ReadTurn: Sendable {
    /// Most callers that wait; further ones are refused at once.
    static let mostWaiting = 8
    /// How often one who waits looks again.
    private static let pause = Duration.milliseconds(20)

    private struct State {
        var isTaken = false
        var waiting = 0
    }

    private let state = Mutex(State())
    private let patience: Duration

    /// - Parameter patience: How long a caller waits for its turn.
    init(patience: Duration = .seconds(2)) {
        self.patience = patience
    }

    /// Runs the body when nobody else's runs.
    ///
    /// - Returns: What the body returned.
    /// - Throws: ``StatsBusy`` when the turn did not come in time; what the body threw.
    func run<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await take()
        defer { state.withLock { $0.isTaken = false } }
        return try await body()
    }

    private func take() async throws {
        if tryTake() { return }
        let mayWait = state.withLock { state in
            guard state.waiting < Self.mostWaiting else { return false }
            state.waiting += 1
            return true
        }
        guard mayWait else { throw StatsBusy() }
        defer { state.withLock { $0.waiting -= 1 } }
        let deadline = ContinuousClock.now + patience
        while !tryTake() {
            guard ContinuousClock.now < deadline else { throw StatsBusy() }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func tryTake() -> Bool {
        state.withLock { state in
            guard !state.isTaken else { return false }
            state.isTaken = true
            return true
        }
    }
}

/// Somebody else's figures are being read.
struct StatsBusy: Error, CustomStringConvertible {
    var description: String {
        "The figures are being read for somebody else: ask again in a moment, or for less, such as since=1h"
    }
}
