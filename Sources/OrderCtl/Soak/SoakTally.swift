import OrderEvents
import Synchronization
import SystemPackage

/// What clients saw: every order accepted, written to a file at once, and every answer counted.
///
/// Any task; holds a short lock.
final class SoakTally: Sendable {
    /// The figures.
    struct Figures: Equatable, Sendable {
        /// Orders that were begun.
        var begun = 0
        /// Orders whose `201` arrived.
        var accepted = 0
        /// Requests without an answer that may have acted.
        var unknown = 0
        /// Requests that found nobody.
        var unreachable = 0
        /// `429` and `503`: to be sent again later.
        var busy = 0
        /// Requests sent again, under the same key.
        var repeated = 0
        /// Answers that no client should get, with what they said; the first 20.
        var unexpected: [String] = []
        /// How many of those there were.
        var unexpectedCount = 0
        /// Orders that no answer came for at last; their keys.
        var unanswered: [String] = []
        /// How long each answered request took.
        var answers = LatencyHistogram()
        /// The longest time between two orders accepted.
        var slowestGap = Duration.zero
        fileprivate var lastAccepted: ContinuousClock.Instant?
    }

    private let figures = Mutex(Figures())
    private let file: FileDescriptor

    /// Begins a record.
    ///
    /// - Parameter path: Of a file of ids, one a line; made new.
    /// - Throws: Where it cannot be made.
    init(recordingTo path: FilePath) throws {
        file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: .ownerReadWrite
        )
    }

    deinit {
        try? file.close()
    }

    /// The figures so far.
    var current: Figures { figures.withLock { $0 } }

    /// An order is accepted.
    ///
    /// - Throws: Where the record cannot be written; then the order is not counted.
    func accepted(_ order: String, after length: Duration) throws {
        _ = try file.writeAll(Array("\(order)\n".utf8))
        let now = ContinuousClock.now
        figures.withLock { figures in
            figures.accepted += 1
            figures.answers.add(milliseconds: length / .milliseconds(1))
            if let last = figures.lastAccepted {
                figures.slowestGap = max(figures.slowestGap, last.duration(to: now))
            }
            figures.lastAccepted = now
        }
    }

    /// Changes the figures.
    func note(_ change: (inout Figures) -> Void) {
        figures.withLock { change(&$0) }
    }
}
