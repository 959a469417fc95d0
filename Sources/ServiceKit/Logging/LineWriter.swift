import Dispatch
import Synchronization

/// Writes the records of many threads, with one call for all that came within ``gather``.
///
/// Nobody waits for that call: a record follows in its time and in the order of coming, or at once with ``flush()``, as
/// whatever must not be lost with a process that is killed. A reader that is slow is waited for by everybody once
/// ``limit`` bytes wait.
final class LineWriter: Sendable {
    /// Bytes that may wait, 256 KiB.
    static let limit = 256 << 10
    /// Longest wait of a record, 5 ms: at thousands of lines a second a call for each costs more than the lines.
    static let gather = DispatchTimeInterval.milliseconds(5)

    private struct State {
        var waiting: [UInt8] = []
        /// Records that were taken, the waiting ones among them.
        var taken: UInt64 = 0
        /// Somebody will come and write.
        var isGathering = false
    }

    private let state = Mutex(State())
    /// Held by who writes.
    private let turn = Mutex<Void>(())
    /// Records that are written.
    private let written = Atomic<UInt64>(0)
    private let queue = DispatchQueue(label: "log")
    private let send: @Sendable ([UInt8]) -> Void

    /// Creates a writer.
    ///
    /// - Parameter send: Hands bytes on; blocks until they are taken. Never called twice at once.
    init(_ send: @escaping @Sendable ([UInt8]) -> Void) {
        self.send = send
    }

    /// Takes one record.
    func write(_ record: [UInt8]) {
        let (isFirst, isFull) = state.withLock { state in
            state.waiting.append(contentsOf: record)
            state.taken &+= 1
            defer { state.isGathering = true }
            return (!state.isGathering, state.waiting.count > Self.limit)
        }
        if isFirst {
            queue.asyncAfter(deadline: .now() + Self.gather) { [self] in
                state.withLock { $0.isGathering = false }
                flush()
            }
        }
        if isFull { flush() }
    }

    /// Returns when everything that was taken before has been written, by this call or by another.
    func flush() {
        let taken = state.withLock { $0.taken }
        // Another's call took mine along: no need to wait for those after mine.
        guard written.load(ordering: .acquiring) < taken else { return }
        turn.withLock { _ in
            while written.load(ordering: .acquiring) < taken, let (records, last) = takeWaiting() {
                send(records)
                written.store(last, ordering: .releasing)
            }
        }
    }

    private func takeWaiting() -> ([UInt8], UInt64)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return nil }
            defer { state.waiting = [] }
            return (state.waiting, state.taken)
        }
    }
}
