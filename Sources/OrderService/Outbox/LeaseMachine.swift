import OrderEvents

/// Decides which of several order services on one database publishes.
///
/// Pure: holds no connection and reads no clock. Whoever holds the lease publishes the events of all; the others keep
/// accepting orders and look every ``period``. A holder that is gone is followed once its row has not changed for
/// ``length`` on the watcher's own clock, or the time it wrote down has passed: a clock that is set makes nobody wait
/// longer than that.
///
///     standingBy ── the row is free, or its holder is gone ──▶ leading
///         ▲                                                      │
///         └────── another holds it, or it was not renewed ───────┘
struct LeaseMachine: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The one row that all of them share.
    struct Record: Hashable, Sendable {
        /// Who publishes; nil when the last one stopped in order.
        var owner: String?
        /// Rises each time the lease is taken or renewed.
        var beat: Int64
        /// When it ends by the wall clock of its owner.
        var until: Timestamp
        /// Rises each time somebody looks who stands by, so that the owner knows of others.
        var claims: Int64
    }

    /// Whether this process publishes.
    enum Standing: Hashable, Sendable {
        /// Another does, or nobody yet.
        case standingBy
        /// This one does, until that moment unless it renews the lease.
        case leading(until: Instant)
    }

    /// How long a lease lasts.
    static let length = Duration.seconds(3)
    /// How often it is renewed, and looked at by those who stand by.
    static let period = Duration.seconds(1)

    /// This process's name in the row; unlike any other's.
    let name: String
    private(set) var standing = Standing.standingBy
    /// The lease that was met last, and when it was first seen so.
    private var met: (owner: String?, beat: Int64, at: Instant)?
    private var claims: Int64?
    private var claimedAt: Instant?
    private var lookedAt: Instant?

    init(name: String) {
        self.name = name
    }

    /// Whether another order service works on the same database, as far as is known.
    var hasPeers: Bool {
        guard case .leading = standing else { return lookedAt != nil }
        guard let claimedAt, let lookedAt else { return false }
        return claimedAt.duration(to: lookedAt) < Self.length
    }

    /// Meets the row, in a transaction that writes the answer back.
    ///
    /// - Parameters:
    ///   - record: The row as it is.
    ///   - asked: When the transaction was asked for: a lease that is granted counts from then.
    ///   - now: When the row was read.
    ///   - wall: The wall clock when the transaction was asked for.
    /// - Returns: The row as it is to be.
    mutating func look(_ record: Record, asked: Instant, now: Instant, wall: Timestamp) -> Record {
        var next = record
        lookedAt = now
        if record.owner == name || isFree(record, now: now, wall: wall) {
            if record.owner != name { (claims, claimedAt) = (nil, nil) }
            if let claims, claims != record.claims { claimedAt = now }
            claims = record.claims
            standing = .leading(until: asked.advanced(by: Self.length))
            next.owner = name
            next.beat += 1
            next.until = Timestamp(milliseconds: wall.milliseconds + Self.milliseconds)
        } else {
            standing = .standingBy
            next.claims += 1
        }
        return next
    }

    /// Gives the lease back, so that the next one need not wait for its end.
    /// - Returns: The row as it is to be; nil where another holds it.
    mutating func release(_ record: Record) -> Record? {
        standing = .standingBy
        guard record.owner == name else { return nil }
        var next = record
        next.owner = nil
        next.beat += 1
        return next
    }

    private mutating func isFree(_ record: Record, now: Instant, wall: Timestamp) -> Bool {
        guard record.owner != nil, wall < record.until else { return true }
        guard let met, met.owner == record.owner, met.beat == record.beat else {
            met = (record.owner, record.beat, now)
            return false
        }
        return met.at.duration(to: now) >= Self.length
    }

    private static let milliseconds = length.components.seconds * 1_000
}
