/// When a circuit breaker opens, and for how long.
public struct BreakerPolicy: Hashable, Sendable {
    /// Failures in a row that open it; at least 1.
    public var failures: Int
    /// The first pause before a probe; each further one is twice as long.
    public var pause: Duration
    /// The longest pause.
    public var longestPause: Duration

    /// Creates a policy.
    public init(failures: Int = 5, pause: Duration = .seconds(5), longestPause: Duration = .seconds(120)) {
        precondition(failures >= 1 && pause > .zero, "a breaker that never closes would wait for ever")
        self.failures = failures
        self.pause = pause
        self.longestPause = max(pause, longestPause)
    }
}

/// Decides who may use a server that may be down.
///
/// Pure: the caller brings the time.
/// ```text
/// closed ── so many failures in a row ──▶ open ── the pause is over, one asks ──▶ probing
///   ▲                                      ▲                                       │ │
///   │                                      └──── it fails: a pause twice as long ──┘ │
///   └───────────────────────────────── it succeeds ──────────────────────────────────┘
/// ```
public struct BreakerMachine<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// How the breaker stands.
    public enum State: Equatable, Sendable {
        /// Everybody may pass; so many failures came in a row.
        case closed(failures: Int)
        /// Nobody may pass before that moment; then one may.
        case open(until: Instant, pause: Duration)
        /// One is trying; nobody else may pass.
        case probing(pause: Duration)
    }

    /// The right to try once; whoever has it must report what came of it.
    public struct Permit: Hashable, Sendable {
        let period: Int
        /// Whether everybody else waits for this try.
        public let isProbe: Bool
    }

    /// The answer to somebody who wants to pass.
    public enum Answer: Equatable, Sendable {
        /// Go.
        case pass(Permit)
        /// Ask again then, or when the state has changed; nil where only a change matters.
        case wait(until: Instant?)
    }

    /// What a failure means for the one who reports it.
    public enum Consequence: Hashable, Sendable {
        /// One failure of its own, or the one that opened the breaker.
        case counted
        /// The breaker was open already, or this was the probe: waiting is all there is to do.
        case held
    }

    /// How the breaker stands.
    public private(set) var state = State.closed(failures: 0)
    private let policy: BreakerPolicy
    /// Counts openings and closings, so that late reports change nothing.
    private var period = 0

    /// Creates a closed breaker.
    public init(_ policy: BreakerPolicy) {
        self.policy = policy
    }

    /// Whether messages wait.
    public var isOpen: Bool {
        if case .closed = state { false } else { true }
    }

    /// Whether what was true when the permit was given still is.
    public func isCurrent(_ permit: Permit) -> Bool { permit.period == period }

    /// Somebody wants to pass.
    public mutating func ask(at now: Instant) -> Answer {
        switch state {
        case .closed: return .pass(Permit(period: period, isProbe: false))
        case .probing: return .wait(until: nil)
        case .open(let until, let pause):
            guard now >= until else { return .wait(until: until) }
            state = .probing(pause: pause)
            period += 1
            return .pass(Permit(period: period, isProbe: true))
        }
    }

    /// The try went well.
    ///
    /// Also one that began before the breaker opened: the server works.
    public mutating func succeeded(_ permit: Permit) {
        switch state {
        case .closed: state = .closed(failures: 0)
        // A late one may be older than the failures that opened it: only the probe says how things are now.
        case .open: break
        case .probing:
            guard isCurrent(permit) else { return }
            state = .closed(failures: 0)
            period += 1
        }
    }

    /// The try failed because of the server.
    ///
    /// - Parameters:
    ///   - permit: The try.
    ///   - now: The end of the try.
    ///   - wish: How long the server asked to be left alone.
    /// - Returns: What that means for the one who tried.
    public mutating func failed(_ permit: Permit, at now: Instant, wish: Duration? = nil) -> Consequence {
        switch state {
        case .closed(let failures):
            // One that began before the last closing says nothing new.
            guard isCurrent(permit) else { return .counted }
            guard failures + 1 >= policy.failures else {
                state = .closed(failures: failures + 1)
                return .counted
            }
            open(at: now, pause: policy.pause, wish)
            return .counted
        case .open: return .held
        case .probing(let pause):
            guard isCurrent(permit) else { return .held }
            open(at: now, pause: min(pause * 2, policy.longestPause), wish)
            return .held
        }
    }

    /// The permit was not used, or the try says nothing about the server.
    public mutating func abandoned(_ permit: Permit, at now: Instant) {
        guard case .probing(let pause) = state, isCurrent(permit) else { return }
        // The pause is over: the next one to ask is the probe.
        state = .open(until: now, pause: pause)
        period += 1
    }

    private mutating func open(at now: Instant, pause: Duration, _ wish: Duration?) {
        let length = max(pause, min(wish ?? .zero, Duration.seconds(900)))
        state = .open(until: now.advanced(by: length), pause: pause)
        period += 1
    }
}
