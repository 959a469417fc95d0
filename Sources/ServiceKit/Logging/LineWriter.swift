import Synchronization

/// Writes the records of many threads, with one call for all that came while the one before was under way.
///
/// Whoever finds nobody writing writes, its own record and what others add meanwhile; the others go on at once. Their
/// records follow within that call's time, in the order of coming, and a process that is killed in it loses them. A reader
/// that is slow is waited for by everybody once ``limit`` bytes wait.
final class LineWriter: Sendable {
    /// Bytes that may wait, 256 KiB.
    static let limit = 256 << 10

    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
        /// Bytes taken, and bytes written, since the beginning.
        var taken = 0
        var written = 0
    }

    private let state = Mutex(State())
    /// Held by who writes.
    private let turn = Mutex<Void>(())
    private let send: @Sendable ([UInt8]) -> Void

    /// Creates a writer.
    ///
    /// - Parameter send: Hands bytes on; blocks until they are taken. Never called twice at once.
    init(_ send: @escaping @Sendable ([UInt8]) -> Void) {
        self.send = send
    }

    /// Takes one record, and writes it unless somebody else is about to.
    func write(_ record: [UInt8]) {
        let (mustWrite, isFull) = state.withLock { state in
            state.waiting.append(contentsOf: record)
            state.taken += record.count
            defer { state.isWriting = true }
            return (!state.isWriting, state.waiting.count > Self.limit)
        }
        if mustWrite {
            turn.withLock { _ in
                while let records = takeWaiting() {
                    send(records)
                    state.withLock { $0.written += records.count }
                }
            }
        } else if isFull {
            turn.withLock { _ in }
        }
    }

    /// Returns when everything that was taken before has been written.
    func flush() {
        let end = state.withLock { $0.taken }
        // Who is about to write may not have its turn yet.
        while state.withLock({ $0.written < end }) { turn.withLock { _ in } }
    }

    private func takeWaiting() -> [UInt8]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
