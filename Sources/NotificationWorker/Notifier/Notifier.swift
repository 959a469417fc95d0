import CrashPoints
import Logging
import Metrics
import OrderEvents
import ServiceKit
import ServiceLifecycle
import WorkQueue

/// Hands messages to their transport, each once.
///
/// The right to send is claimed before and the sending recorded after, both on disk. A repeat can happen in these
/// windows only: the process dies, or the disk refuses, after the transport took the message and before that was
/// recorded; or the connection breaks, or the time is over, after a whole mail or request was sent and before the
/// answer came; or a webhook answers 408 or 5xx other than 503. The next attempt then sends again, under the same id:
/// the mail's `Message-ID`, the webhook's `Idempotency-Key`, the file's name.
struct Notifier: Sendable {
    /// Where each channel's messages go.
    struct Outlets: Sendable {
        var email: Outlet
        var sms: Outlet

        subscript(channel: CustomerMessage.Channel) -> Outlet { channel == .email ? email : sms }
    }

    private let store: NotificationStore
    private let outlets: Outlets
    private let logger: Logger
    private let counters: NotificationCounters
    let now: @Sendable () -> Timestamp

    /// How soon a claim of somebody else is looked at again, before one waits for the lease to end.
    private static let quickLook = Duration.seconds(1)

    init(
        store: NotificationStore,
        outlets: Outlets,
        logger: Logger,
        metrics: any MetricsFactory,
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        self.store = store
        self.outlets = outlets
        self.logger = logger
        self.now = now
        counters = NotificationCounters(metrics)
    }

    /// Hands one message over.
    ///
    /// Waits while the transport is down, and for its turn where a rate is set, ``Outlet/longestHold`` in all.
    /// - Parameters:
    ///   - message: Complete.
    ///   - fields: What the announcement says for machines beside the message's own.
    ///   - context: Of the event.
    /// - Returns: What became of it.
    func deliver(
        _ message: CustomerMessage,
        announcing fields: [String: String],
        in context: DeliveryContext
    ) async -> Verdict {
        let outlet = outlets[message.channel]
        if let needed = outlet.transport.addressNeeded, case .user = message.recipient {
            counters.failed.increment()
            return .deadLetter(
                FailureNote("no \(needed): neither the order nor the customer directory has one")
            )
        }
        let deadline = ContinuousClock.now.advanced(by: outlet.longestHold)
        var hasLooked = false
        while true {
            let permit: CircuitBreaker.Permit
            switch await outlet.enter(by: deadline) {
            case .open(let granted): permit = granted
            case .tooLong(let reason): return .postpone(FailureNote(reason), after: .seconds(60))
            case .stopping: return .release
            }
            let claim = UUIDv7.next().description
            do {
                switch try await store.claim(message.eventID, as: claim, at: now()) {
                case .granted: break
                case .grantedAgain:
                    counters.repeated.increment()
                    logger.warning(
                        "Sending a message that may have gone out before",
                        metadata: ["event_id": "\(message.eventID)"]
                    )
                case .sent:
                    outlet.breaker.abandon(permit)
                    counters.duplicates.increment()
                    logger.debug("Message was sent before", metadata: ["event_id": "\(message.eventID)"])
                    // Without a word: the first time has said what became of it.
                    return .done
                case .held(let rest):
                    outlet.breaker.abandon(permit)
                    // Nearly always a sender that is alive and done in a moment: the same event came twice at once,
                    // as after a lost connection. Only when it still holds the claim after that was it a crash.
                    // No fault of the event's: its attempts are not used up.
                    guard hasLooked else {
                        guard await pause(Self.quickLook) else { return .release }
                        hasLooked = true
                        continue
                    }
                    return .postpone(FailureNote("another instance is sending this message"), after: rest)
                }
            } catch {
                outlet.breaker.abandon(permit)
                return .after(error)
            }
            if let verdict = await send(message, claim: claim, through: outlet, permit, fields) {
                return verdict
            }
        }
    }

    /// Waits in place, so that looking again needs neither a retry queue nor an attempt.
    ///
    /// - Returns: False where the program stops.
    private func pause(_ length: Duration) async -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: length) }
            return true
        } catch {
            return false
        }
    }

    /// Tries once.
    ///
    /// - Returns: Nil where the event waits for the transport and tries again.
    private func send(
        _ message: CustomerMessage,
        claim: String,
        through outlet: Outlet,
        _ permit: CircuitBreaker.Permit,
        _ fields: [String: String]
    ) async -> Verdict? {
        do throws(TransportError) {
            try await outlet.transport.send(message)
        } catch {
            return await failed(error, message.eventID, claim: claim, outlet, permit)
        }
        CrashPoint.reached(.messageSent)
        outlet.breaker.succeeded(permit)
        counters.sent.increment()
        logger.announce(.sent(message, fields))
        // As shipped this line is all that a customer gets: it is out before it is recorded. Others that have come as
        // far write theirs first, and one call takes all of them.
        await Task.yield()
        LogOutput.standardOutput.flush()
        do {
            try await store.markSent(message.eventID, claim: claim, at: now())
        } catch {
            // Counted, whatever the fault: it goes out again, and that must not go on for ever.
            return .retry(FailureNote("\(error)"))
        }
        CrashPoint.reached(.effectCommitted)
        return .done(OutcomeNote(outlet.transport.doneNote))
    }

    private func failed(
        _ error: TransportError,
        _ eventID: String,
        claim: String,
        _ outlet: Outlet,
        _ permit: CircuitBreaker.Permit
    ) async -> Verdict? {
        counters.failed.increment()
        // If recording this fails too, the lease frees the claim.
        switch error.advice {
        case .sendAgain: try? await store.markUnknown(eventID, claim: claim, at: now())
        case .retryLater, .giveUp: try? await store.release(eventID, claim: claim)
        }
        var consequence = CircuitBreaker.Consequence.counted
        switch error.blame {
        case .transport:
            consequence = outlet.breaker.failed(permit, wish: error.wish, because: error.detail)
        case .answered: outlet.breaker.succeeded(permit)
        case .message: outlet.breaker.abandon(permit)
        }
        switch error.advice {
        case .giveUp: return .deadLetter(FailureNote(error.detail))
        // Not held: what may have gone out already should not go out once with every probe.
        case .sendAgain: return .retry(FailureNote(error.detail), after: error.wish)
        case .retryLater where consequence == .held: return nil
        case .retryLater: return .retry(FailureNote(error.detail), after: error.wish)
        }
    }
}
