internal import Confinement

/// Decides when to connect.
///
/// Holds no socket and reads no clock.
///
///     idle ──started──▶ connecting ──opened──▶ open
///                        ▲      │               │
///                        │      └──── lost ─────┤
///                     resumed                   ▼
///                        └─────────────────── waiting
///
/// `stopped` follows every state and is final.
struct ConnectionMachine {
    enum State: Equatable {
        /// Not started. Becomes connecting.
        case idle
        /// Resolving, connecting, logging in or declaring; `attempt` counts from 1. Becomes open or waiting.
        case connecting(attempt: Int)
        /// Working. Becomes waiting when the connection is lost.
        ///
        /// `failures` before it are forgotten once it has stood for ``provenAfter``, so that a connection that opens only
        /// to die at once is not tried ten times a second.
        case open(since: Deadline, failures: Int)
        /// Resting after a failure. Becomes connecting when the time has come.
        case waiting(attempt: Int, until: Deadline)
        /// Over.
        case stopped
    }

    /// How a loss is worth telling: once for each way.
    enum Notice: Equatable {
        /// The first failure after working, or the first of all.
        case lost
        /// One more failure of the same absence.
        case stillAway
    }

    private(set) var state = State.idle
    private var announcedLoss = false

    /// How long a connection stands before it counts as good.
    static let provenAfter = Duration.seconds(10)

    let backoff: BackoffPolicy
    /// How many brokers there are to try in turn.
    let endpoints: Int

    init(backoff: BackoffPolicy, endpoints: Int = 1) {
        self.backoff = backoff
        self.endpoints = max(endpoints, 1)
    }

    /// The wait is over, or nothing was tried yet.
    /// - Returns: Whether to connect now.
    mutating func clockMoved(to now: Deadline) -> Bool {
        switch state {
        case .idle:
            state = .connecting(attempt: 1)
            return true
        case .waiting(let attempt, let until) where until.isPast(at: now):
            state = .connecting(attempt: attempt + 1)
            return true
        case .waiting, .connecting, .open, .stopped:
            return false
        }
    }

    /// The broker accepted login, topology and role.
    mutating func connectionOpened(at now: Deadline) {
        guard case .connecting(let attempt) = state else { return }
        state = .open(since: now, failures: attempt - 1)
        announcedLoss = false
    }

    /// The connection, or the attempt at one, ended.
    ///
    /// `roll` is 0 up to 1, evenly spread.
    mutating func connectionLost(at now: Deadline, roll: Double) -> Notice {
        let failures: Int
        switch state {
        case .connecting(let attempt): failures = attempt
        case .open(let since, let before):
            failures = since.advanced(by: Self.provenAfter).isPast(at: now) ? 0 : before + 1
        case .idle, .waiting, .stopped: return .stillAway
        }
        // The next broker of the list is tried at once; a rest is due when all of them have failed.
        let count = failures + 1
        let delay =
            count % endpoints == 0 ? backoff.delay(attempt: count / endpoints, roll: roll) : Duration.zero
        state = .waiting(attempt: failures, until: now.advanced(by: delay))
        defer { announcedLoss = true }
        return announcedLoss ? .stillAway : .lost
    }

    /// Somebody asked to stop.
    mutating func stopped() {
        state = .stopped
    }
}
