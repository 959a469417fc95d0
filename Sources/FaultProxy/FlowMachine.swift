internal import Confinement

/// The bytes of one direction of one connection, and when they may go on.
///
/// Pure: holds no socket and reads no clock.
///
///     received ──▶ waiting (≤ bound) ──due──▶ sent        source ended, all sent ──▶ mustEnd
///                                                         budget used up         ──▶ mustCut
struct FlowMachine {
    private struct Chunk {
        var bytes: ArraySlice<UInt8>
        let received: Deadline
    }

    /// Most bytes that wait; four default socket buffers, so that a pass-through is never the bottleneck.
    static let bound = 256 << 10

    private var chunks: [Chunk] = []
    /// Chunks before this index are sent.
    private var first = 0
    private var waiting = 0
    private var treatment: Treatment
    /// Nothing more drips before.
    private var nextDrip: Deadline
    /// Bytes that may still pass before the cut; `nil` without one.
    private var budget: Int?
    private var isSourceEnded = false
    private var isEndTold = false
    private var isHalfClosed = false

    init(_ treatment: Treatment, at now: Deadline) {
        self.treatment = treatment
        nextDrip = now
        treat(treatment, at: now)
    }

    /// The wire changes; what waits is treated so, too.
    mutating func treat(_ treatment: Treatment, at now: Deadline) {
        self.treatment = treatment
        nextDrip = now
        budget = if case .cut(let bytes) = treatment { max(bytes, 0) } else { nil }
    }

    /// How many bytes to take from the source now.
    var room: Int { isSourceEnded ? 0 : max(Self.bound - waiting, 0) }

    /// The source sent something.
    mutating func received(_ bytes: [UInt8], at now: Deadline) {
        guard treatment != .swallow, !isHalfClosed, !bytes.isEmpty else { return }
        chunks.append(Chunk(bytes: bytes[...], received: now))
        waiting += bytes.count
    }

    /// The source will send nothing more; what waits still goes on.
    mutating func sourceEnded() {
        isSourceEnded = true
    }

    /// The destination is told at once that nothing more comes, though the source may go on.
    mutating func halfClosed() {
        isHalfClosed = true
        chunks = []
        first = 0
        waiting = 0
    }

    /// What may be handed on now; empty when nothing may.
    func due(at now: Deadline) -> ArraySlice<UInt8> {
        guard first < chunks.count else { return [] }
        let chunk = chunks[first]
        switch treatment {
        case .pass, .swallow: return chunk.bytes
        case .stall: return []
        case .delay(let delay): return chunk.received.advanced(by: delay).isPast(at: now) ? chunk.bytes : []
        case .drip(let bytes, _): return nextDrip.isPast(at: now) ? chunk.bytes.prefix(max(bytes, 1)) : []
        case .cut: return chunk.bytes.prefix(budget ?? 0)
        }
    }

    /// The destination took so many of the bytes that were due.
    mutating func sent(_ count: Int, at now: Deadline) {
        guard count > 0, first < chunks.count else { return }
        chunks[first].bytes = chunks[first].bytes.dropFirst(count)
        waiting -= count
        budget = budget.map { $0 - count }
        if case .drip(_, let pause) = treatment { nextDrip = now.advanced(by: pause) }
        guard chunks[first].bytes.isEmpty else { return }
        first += 1
        guard first == chunks.count || first > 64 else { return }
        chunks.removeFirst(first)
        first = 0
    }

    /// When something becomes due by time alone.
    var nextDeadline: Deadline? {
        guard first < chunks.count else { return nil }
        return switch treatment {
        case .delay(let delay): chunks[first].received.advanced(by: delay)
        case .drip: nextDrip
        case .pass, .stall, .swallow, .cut: nil
        }
    }

    /// Whether the connection must be reset now.
    var mustCut: Bool { budget == 0 && first < chunks.count }

    /// Whether to tell the destination that nothing more comes; once, when ``endTold()`` follows.
    var mustEnd: Bool {
        guard !isEndTold else { return false }
        return isHalfClosed || (isSourceEnded && first == chunks.count && treatment != .stall)
    }

    /// The destination has been told.
    mutating func endTold() {
        isEndTold = true
    }

    /// Whether nothing can happen in this direction any more.
    var isOver: Bool { isEndTold && isSourceEnded }
}
