internal import Confinement

/// Decides when settlements are written, so that many go out together.
///
/// Pure. The broker answers each frame of settlements with as many messages as it settles. Written one by one, they come
/// back one by one, each is handled alone, and each commit of an effect carries one event: the slow way keeps itself
/// going. So acknowledgements wait for a quarter of the prefetch, while three quarters of it are in hand or on the way.
/// Nothing waits that somebody could miss: not beside empty hands, where the next message may depend on this
/// acknowledgement, not a refusal, which brings a message back, and never longer than ``patience``.
struct SettlementPacer {
    /// How long a settlement waits for others at most; after a crash in that time its event comes again.
    static let patience = Duration.milliseconds(5)

    /// So many are written at once.
    let enough: Int
    /// When the oldest that waits was decided.
    private var since: Deadline?

    init(prefetch: UInt16) {
        // 0 is no limit for the broker.
        enough = prefetch == 0 ? 64 : max(1, Int(prefetch) / 4)
    }

    /// A settlement waits.
    mutating func waits(at now: Deadline) {
        since = since ?? now
    }

    /// All were written, or are of a channel that is gone.
    mutating func rests() {
        since = nil
    }

    /// When to write at the latest.
    var deadline: Deadline? { since?.advanced(by: Self.patience) }

    /// Whether to write now.
    func isDue(_ ledger: SettlementLedger, at now: Deadline) -> Bool {
        ledger.awaiting >= enough || ledger.isDecided || ledger.hasRefusal
            || deadline?.isPast(at: now) == true
    }
}
