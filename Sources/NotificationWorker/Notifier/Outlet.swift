import Metrics
import WorkQueue

/// A transport with what guards it: the circuit breaker and the rate.
///
/// One for each transport of the process, whatever the number of channels that use it.
struct Outlet: Sendable {
    /// A place in the line of those who may send.
    enum Entry: Equatable, Sendable {
        /// Send now, and report.
        case open(CircuitBreaker.Permit)
        /// The wait has become too long; why.
        case tooLong(String)
        /// The program is stopping.
        case stopping
    }

    let transport: any MessageTransport
    let breaker: CircuitBreaker
    let rate: SendRate

    /// How long an event is held at most, however often it probes in vain; a try begun by then is finished.
    ///
    /// RabbitMQ closes the channel of a consumer that keeps a delivery for 30 minutes. With the usual prefetch of 64 and
    /// concurrency of 16, four rounds of events wait for one another, the last of them 4 × 5 minutes.
    var longestHold = Duration.seconds(300)

    /// Waits until a message may be sent.
    ///
    /// - Parameter deadline: The end of all waiting for this message.
    /// - Returns: Whether it may.
    func enter(by deadline: ContinuousClock.Instant) async -> Entry {
        let isDown = Entry.tooLong("\(breaker.name) is down; the circuit breaker is open")
        while true {
            // Even when the next probe is due: otherwise the only event there is would be held for good.
            guard !breaker.isOpen || ContinuousClock.now < deadline else { return isDown }
            switch await breaker.admit(within: ContinuousClock.now.duration(to: deadline)) {
            case .stopping: return .stopping
            case .heldTooLong: return isDown
            case .permitted(let permit):
                switch await rate.wait(within: max(.zero, ContinuousClock.now.duration(to: deadline))) {
                case .come where breaker.isCurrent(permit): return .open(permit)
                // It opened meanwhile; the deadline stays.
                case .come: breaker.abandon(permit)
                case .tooFar:
                    breaker.abandon(permit)
                    return .tooLong("too many messages for the rate of \(breaker.name)")
                case .stopping:
                    breaker.abandon(permit)
                    return .stopping
                }
            }
        }
    }
}
