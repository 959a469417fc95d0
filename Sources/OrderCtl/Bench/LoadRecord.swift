/// What came of a load.
///
/// Every order that was due is in one of the figures: `begun = answers + failures`, `due = begun + unsent`.
struct LoadRecord: Equatable, Sendable {
    /// Why a request has no answer.
    enum Failure: String, CaseIterable, Sendable {
        /// None came within patience.
        case timedOut = "timed_out"
        /// The connection ended first.
        case broken
        /// What came is no answer of HTTP/1.1.
        case malformed
        /// Nobody took it; only where each request opens its own connection.
        case unreachable
    }

    /// Requests that were sent, or begun to be.
    var begun = 0
    /// Answers by their status.
    var statuses: [Int: Int] = [:]
    var failures: [Failure: Int] = [:]
    /// Requests that were due and found no free connection before the end.
    var unsent = 0
    /// Attempts to connect that failed.
    var refusedConnections = 0
    /// From when a request was meant to be sent to its `201`.
    var latency = LatencyHistogram()
    var timeline = LatencyTimeline()
    /// From the beginning to the last answer, or to the end of the load where that is later.
    var nanoseconds: Int64 = 0

    /// Orders that were accepted.
    var accepted: Int { statuses[201] ?? 0 }
    /// Requests that an answer came to.
    var answered: Int { statuses.values.reduce(0, +) }
    /// Requests that no answer came to.
    var failed: Int { failures.values.reduce(0, +) }
    var seconds: Double { Double(nanoseconds) / 1e9 }
    /// Orders accepted a second.
    var rate: Double { nanoseconds > 0 ? Double(accepted) / seconds : 0 }

    /// Notes an answer.
    ///
    /// - Parameters:
    ///   - status: As it says.
    ///   - intended: When the request was meant to be sent.
    ///   - now: When the answer was read; both in nanoseconds since the beginning.
    mutating func answered(_ status: Int, intended: Int64, at now: Int64) {
        statuses[status, default: 0] += 1
        nanoseconds = max(nanoseconds, now)
        // A refusal may be quick, and is no order.
        guard status == 201 else { return }
        let microseconds = (now - intended) / 1_000
        latency.add(microseconds: microseconds)
        timeline.add(microseconds: microseconds, in: Int(now / 1_000_000_000))
    }

    /// Notes that no answer will come.
    mutating func failed(_ failure: Failure) {
        failures[failure, default: 0] += 1
    }
}
