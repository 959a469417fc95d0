internal import ServiceLifecycle
internal import Synchronization

/// Hands out moments so that no more than so many come in a second.
///
/// Pure: a token bucket that holds one token, so that moments are evenly spaced and no burst follows a quiet time.
public struct TokenBucket<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    private let interval: Duration
    private var next: Instant?

    /// Creates a full bucket.
    /// - Parameter perSecond: More than 0.
    public init(perSecond: Double) {
        precondition(perSecond > 0, "a rate of nothing would wait for ever")
        interval = .seconds(1) / perSecond
    }

    /// Takes the next moment.
    /// - Parameters:
    ///   - now: The present.
    ///   - longest: The longest wait that is any use.
    /// - Returns: When to go; nil where that is too far away, and then nothing was taken.
    public mutating func take(at now: Instant, within longest: Duration) -> Instant? {
        let moment = max(next ?? now, now)
        guard now.duration(to: moment) <= longest else { return nil }
        next = moment.advanced(by: interval)
        return moment
    }
}

/// Makes handlers wait so that a server gets no more than so many requests in a second.
///
/// Any task.
public final class SendRate: Sendable {
    /// What came of waiting.
    public enum Turn: Hashable, Sendable {
        /// Go now.
        case come
        /// The turn would come too late.
        case tooFar
        /// The program is stopping, or the task was cancelled.
        case stopping
    }

    private let bucket: Mutex<TokenBucket<ContinuousClock.Instant>?>

    /// Creates a rate.
    /// - Parameter perSecond: Nil limits nothing.
    public init(perSecond: Double?) {
        bucket = Mutex(perSecond.map { TokenBucket(perSecond: $0) })
    }

    /// Waits for the next free moment.
    ///
    /// A turn that was taken and not used, because the program stops, is lost.
    /// - Parameter longest: How long to wait at most.
    /// - Returns: What came of it.
    public func wait(within longest: Duration) async -> Turn {
        let now = ContinuousClock.now
        let turn = bucket.withLock { bucket in
            bucket == nil ? now : bucket?.take(at: now, within: longest)
        }
        guard let moment = turn else { return .tooFar }
        guard moment > now else { return .come }
        do {
            try await cancelWhenGracefulShutdown {
                try await Task.sleep(until: moment, clock: .continuous)
            }
            return .come
        } catch {
            return .stopping
        }
    }
}
