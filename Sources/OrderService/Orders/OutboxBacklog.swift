import Synchronization

/// Counts the events that the broker has not confirmed, and keeps their number within the limit.
///
/// Exact while this process is the only one that writes the outbox: read from the table once, kept from then on. Of
/// several processes each counts its own changes, and all of them anew about once a second: so many orders as are accepted
/// in that time may be too many.
final class OutboxBacklog: Sendable {
    /// Most events that may wait; `outbox.limit`.
    let limit: Int
    private let places: Mutex<Places>

    private struct Places {
        /// Rows of the table as of the last commit; changed in the order of commits.
        var rows: Int
        /// Taken by orders whose transaction is under way.
        var reserved = 0

        // Several processes that count may be a few off until the next recount, also below zero.
        var count: Int { max(0, rows) + reserved }
    }

    init(limit: Int, waiting: Int) {
        self.limit = limit
        places = Mutex(Places(rows: waiting))
    }

    /// Events waiting now, those of transactions under way included.
    var count: Int { places.withLock { $0.count } }

    var isFull: Bool { count >= limit }

    /// Takes one place, or says that there is none.
    func reserve() -> Bool {
        places.withLock { places in
            guard places.count < limit else { return false }
            places.reserved += 1
            return true
        }
    }

    /// Gives a reserved place back: the order did not come about.
    func release() {
        places.withLock { $0.reserved -= 1 }
    }

    /// The order of a reserved place is on disk; on the writer's thread, after the commit.
    func kept() {
        places.withLock { places in
            places.reserved -= 1
            places.rows += 1
        }
    }

    /// So many events are confirmed and off the table; on the writer's thread, after the commit.
    func removed(_ count: Int) {
        places.withLock { $0.rows -= count }
    }

    /// So many rows the table has; on the writer's thread, after the commit.
    func recounted(_ count: Int) {
        places.withLock { $0.rows = count }
    }
}
