internal import Database
public import Logging
public import Metrics
internal import Synchronization
public import WorkQueue

/// Makes a worker's handlers wait while their own database takes nothing: full, read-only, locked, damaged.
///
/// A circuit breaker as for any other server that all of them need: events wait in the queue instead of using their
/// attempts up, one probes after each pause, and all flow on after the first success. Nothing becomes a dead letter
/// because a disk was full over a weekend.
///
/// Any task. The breaker's gauge is `circuit_breaker_open{transport="database"}`.
public final class StorageGuard: Sendable {
    /// Three failures in a row open it; pauses from 1 s, doubling up to 30 s: a database close by is mended at once or
    /// by a person, and a probe costs nothing.
    public static let usualPolicy = BreakerPolicy(
        failures: 3,
        pause: .seconds(1),
        longestPause: .seconds(30)
    )
    /// How long an event is held at most, whatever it waits for; then it passes through a retry tier, uncounted, for
    /// RabbitMQ closes the channel of a consumer that keeps a delivery for 30 minutes.
    public static let longestHold = Duration.seconds(300)
    /// How long an event stays away that failed before the breaker was open.
    static let shortPause = Duration.seconds(1)
    /// How long an event stays away that was held for ``longestHold``.
    static let longPause = Duration.seconds(60)

    private let breaker: CircuitBreaker
    private let reason = Mutex("")
    private let hold: Duration

    /// Creates a guard that lets everybody pass.
    ///
    /// - Parameters:
    ///   - policy: When it opens.
    ///   - hold: How long an event is held at most.
    ///   - logger: Told of opening, probing and closing.
    ///   - metrics: Where the gauge is kept.
    public init(
        policy: BreakerPolicy = usualPolicy,
        hold: Duration = longestHold,
        logger: Logger,
        metrics: any MetricsFactory
    ) {
        breaker = CircuitBreaker("database", policy: policy, logger: logger, metrics: metrics)
        self.hold = hold
    }

    /// What `/health/ready` says of it: the last failure while events wait.
    public var health: HealthCheck {
        breaker.isOpen ? .failing("events wait: \(reason.withLock { $0 })") : .ok
    }

    /// Runs a handler's work on the database, again and again while the database is at fault.
    ///
    /// - Parameter work: Idempotent; may run several times. What it throws is judged: an error for which
    ///   `DatabaseError.isOutage` is true is the database's fault, any other is as ``Verdict/after(_:)`` says.
    /// - Returns: The work's verdict; `postpone`, so without a counted attempt, where the database stayed at fault;
    ///   `release` where the program stops meanwhile.
    public func run(_ work: @Sendable () async throws -> Verdict) async -> Verdict {
        let deadline = ContinuousClock.now.advanced(by: hold)
        while true {
            // Even when the next probe is due: otherwise the only event there is would be held for good.
            guard !breaker.isOpen || ContinuousClock.now < deadline else { return heldTooLong }
            switch await breaker.admit(within: ContinuousClock.now.duration(to: deadline)) {
            case .stopping: return .release
            case .heldTooLong: return heldTooLong
            case .permitted(let permit):
                if let verdict = await attempt(permit, work) { return verdict }
            }
        }
    }

    private var heldTooLong: Verdict {
        .postpone(FailureNote(reason.withLock { $0 }), after: Self.longPause)
    }

    /// Tries once; nil where the event waits and tries again.
    private func attempt(
        _ permit: CircuitBreaker.Permit,
        _ work: @Sendable () async throws -> Verdict
    ) async -> Verdict? {
        do {
            let verdict = try await work()
            breaker.succeeded(permit)
            return verdict
        } catch let error as DatabaseError {
            guard error.isOutage else {
                // It answered, and so it works.
                breaker.succeeded(permit)
                return .after(error)
            }
            reason.withLock { $0 = error.description }
            switch breaker.failed(permit, because: error.description) {
            case .held: return nil
            case .counted: return .postpone(FailureNote(error.description), after: Self.shortPause)
            }
        } catch {
            breaker.abandon(permit)
            return .after(error)
        }
    }
}
