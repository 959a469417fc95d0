import Synchronization
import UnixSignals

/// Whether the person has had enough.
///
/// Any thread; reads memory only.
final class StopSign: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .relaxed) }

    func raise() { state.store(true, ordering: .relaxed) }
}

extension StopSign {
    /// Runs the body; the first Ctrl-C, or SIGTERM, raises the sign that it is given, a second one ends the program.
    ///
    /// - Parameters:
    ///   - leftovers: What a person is told of a program that ends so.
    ///   - body: Comes to its end soon after the sign is raised.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    static func watching<Result: Sendable>(
        leftovers: String,
        _ body: (StopSign) async throws -> Result
    ) async throws -> Result {
        let sign = StopSign()
        // Trapped before the body says anything, so that nobody's Ctrl-C comes too early.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals {
                    if sign.isRaised {
                        Console.error("Ended at once. \(leftovers)")
                        SystemSeam.exit(1)
                    }
                    sign.raise()
                    Console.error("Ending early; a second Ctrl-C ends at once.")
                }
            }
            defer { group.cancelAll() }
            return try await body(sign)
        }
    }
}
