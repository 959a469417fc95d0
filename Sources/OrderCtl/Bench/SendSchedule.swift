/// When each request is to be sent.
///
/// Pure; times are nanoseconds since the load began. In an open loop request `n` is due at `n / rate`, whatever became of
/// those before it; in a closed loop the next one is due as soon as there is a connection for it.
struct SendSchedule: Equatable, Sendable {
    /// How requests follow one another.
    enum Pace: Equatable, Sendable {
        /// As fast as the answers come.
        case closed
        /// So many a second.
        case open(rate: Int)
    }

    let pace: Pace
    /// Nothing is due from here on.
    private(set) var end: Int64
    /// How many were taken so far.
    private(set) var taken = 0
    private var isStopped = false

    init(_ pace: Pace, length: Int64) {
        self.pace = pace
        end = length
    }

    /// Takes the next request, where one is due.
    ///
    /// - Returns: When it is meant to be sent, which may be long ago.
    mutating func take(at now: Int64) -> Int64? {
        let intended = next(at: now)
        guard intended <= now, intended < end, !isStopped else { return nil }
        taken += 1
        return intended
    }

    /// Whether nothing more will be due.
    func isFinished(at now: Int64) -> Bool {
        isStopped || next(at: now) >= end
    }

    /// How long until something is due; 0 where something is, nil where nothing ever will be.
    func wait(at now: Int64) -> Int64? {
        isFinished(at: now) ? nil : max(next(at: now) - now, 0)
    }

    /// Ends here: what would be due later never is, and what is due already stays untaken.
    mutating func stop(at now: Int64) {
        end = min(end, now)
        isStopped = true
    }

    /// How many were due until now, or the end, and were not taken.
    func overdue(at now: Int64) -> Int {
        guard case .open(let rate) = pace else { return 0 }
        let limit = min(now, end)
        guard limit > 0 else { return 0 }
        // The first that is due no earlier than the limit has this number.
        let (whole, rest) = (Int(limit / Self.second), Int(limit % Self.second))
        let due = whole * rate + (rest * rate + Int(Self.second) - 1) / Int(Self.second)
        return max(due - taken, 0)
    }

    private static let second: Int64 = 1_000_000_000

    private func next(at now: Int64) -> Int64 {
        switch pace {
        case .closed: return now
        case .open(let rate):
            // In two parts, so that no product overflows.
            let (whole, rest) = (Int64(taken / rate), Int64(taken % rate))
            return whole * Self.second + rest * Self.second / Int64(rate)
        }
    }
}
