internal import Confinement
internal import RabbitMQ

/// Decides which deliveries are handled beside others, and when a suspect is handled alone.
///
/// Pure. A fresh channel takes one delivery; if that is no suspect, it takes all that the settings allow. A suspect that
/// comes among others stops the taking, waits until everything else in hand is finished, and is handled with nothing
/// beside it that could end the worker, or that its end could take along.
///
///     single ── ordinary ──▶ full ── suspect ──▶ pausing ── nothing more comes ──▶ paused
///       ▲  │                                                                         │ nothing else in hand
///       │  └── suspect ────────────────────────────────────────────────┐             ▼
///       └──────────────────── no suspect is left ──────────────────────┴──────────▶ alone
///
/// Another epoch leads back to single from everywhere: what was held is the broker's again.
struct SolitudeMachine: Sendable {
    enum Action: Equatable {
        /// Handle it beside others, then tell ``finished()``.
        case handle(Delivery)
        /// Handle it with nothing beside it, then tell ``finishedAlone(_:)``.
        ///
        /// `isCertain` unless something would not finish in time: then its end would prove nothing.
        case handleAlone(Delivery, isCertain: Bool)
        /// Pause the consumer, then tell ``paused(_:after:at:)``.
        case pause(DeliveryTag)
        /// Have the consumer take so much, on the channel of this tag.
        case take(Intake, DeliveryTag)
        /// Suspects are handled alone from now on.
        case sayAlone
        /// Events are handled beside one another again.
        case sayTogether
    }

    private enum Mode: Equatable {
        case single
        case full
        case pausing
        /// `last` is the number of the channel's last delivery.
        case paused(last: UInt64, until: Deadline)
        case alone
    }

    private var mode = Mode.single
    private var epoch: UInt32 = 0
    /// Deliveries of this epoch that were taken in; they are numbered 1, 2, 3, ….
    private var taken: UInt64 = 0
    /// Handled beside others now, of any epoch.
    private var running = 0
    /// Suspects that wait for their turn.
    private var held: [Delivery] = []
    /// Others that came while a suspect was handled alone.
    private var waiting: [Delivery] = []
    private var saidAlone = false

    /// How long a suspect waits for the others to finish.
    ///
    /// Handlers may wait for minutes, as with an open circuit breaker.
    static let patience = Duration.seconds(30)

    /// A delivery that is no suspect was taken from the consumer: the usual case, without a list of actions.
    ///
    /// - Returns: Whether to handle it, as by ``Action/handle(_:)``; false leaves everything to ``arrived(_:isSuspect:at:)``.
    mutating func admit(_ tag: DeliveryTag) -> Bool {
        guard case .full = mode, tag.epoch == epoch else { return false }
        taken += 1
        running += 1
        return true
    }

    /// A delivery was taken from the consumer.
    mutating func arrived(_ delivery: Delivery, isSuspect: Bool, at now: Deadline) -> [Action] {
        guard delivery.tag.epoch >= epoch else { return [] }
        if delivery.tag.epoch > epoch { begin(delivery.tag.epoch) }
        taken += 1
        return isSuspect ? suspected(delivery, at: now) : ordinary(delivery, at: now)
    }

    private mutating func ordinary(_ delivery: Delivery, at now: Deadline) -> [Action] {
        switch mode {
        case .single:
            mode = .full
            running += 1
            return [.take(.full, delivery.tag)] + sayTogether() + [.handle(delivery)]
        case .full, .pausing, .paused:
            running += 1
            return [.handle(delivery)]
        case .alone:
            waiting.append(delivery)
            return []
        }
    }

    private mutating func suspected(_ delivery: Delivery, at now: Deadline) -> [Action] {
        held.append(delivery)
        switch mode {
        case .single:
            // Nothing can come before it is settled.
            mode = .paused(last: taken, until: now.advanced(by: Self.patience))
            return sayAlone() + proceed()
        case .full:
            mode = .pausing
            return sayAlone() + [.pause(delivery.tag)]
        case .paused:
            return proceed()
        case .pausing, .alone:
            return []
        }
    }

    /// The consumer has paused.
    ///
    /// - Parameters:
    ///   - last: Number of the last delivery; `nil` where the connection is gone.
    ///   - tag: Of the delivery that ``Action/pause(_:)`` named.
    ///   - now: The present moment.
    /// - Returns: What to do.
    mutating func paused(_ last: UInt64?, after tag: DeliveryTag, at now: Deadline) -> [Action] {
        guard tag.epoch == epoch, mode == .pausing else { return [] }
        guard let last else {
            // The next channel begins anew; what it brings is of another epoch.
            begin(epoch)
            return []
        }
        mode = .paused(last: last, until: now.advanced(by: Self.patience))
        return proceed()
    }

    /// An event that was handled beside others is settled, or is no more ours.
    mutating func finished() -> [Action] {
        running -= 1
        return proceed()
    }

    /// The event that was handled alone is settled, or is no more ours.
    mutating func finishedAlone(_ tag: DeliveryTag) -> [Action] {
        guard tag.epoch == epoch else { return finished() }
        // None of these was due before: a delivery that came after the consumer had paused, which no broker sends.
        let late = waiting.map(Action.handle)
        running += waiting.count
        waiting = []
        return late + next()
    }

    /// Time passed; a suspect does not wait for ever.
    mutating func clockMoved(to now: Deadline) -> [Action] {
        guard case .paused(_, let limit) = mode, limit.isPast(at: now), !held.isEmpty else { return [] }
        return next()
    }

    /// Begins with the suspects once nothing else is in hand.
    private mutating func proceed() -> [Action] {
        guard case .paused(let last, _) = mode, taken >= last, running == 0 else { return [] }
        return next()
    }

    private mutating func next() -> [Action] {
        guard held.isEmpty else {
            mode = .alone
            return [.handleAlone(held.removeFirst(), isCertain: running == 0)]
        }
        mode = .single
        return [.take(.single, DeliveryTag(epoch: epoch, number: taken))]
    }

    private mutating func begin(_ epoch: UInt32) {
        // What is still handled alone belongs to no channel any more, but can still end this worker.
        if mode == .alone { running += 1 }
        self.epoch = epoch
        mode = .single
        taken = 0
        held = []
        waiting = []
    }

    private mutating func sayAlone() -> [Action] {
        defer { saidAlone = true }
        return saidAlone ? [] : [.sayAlone]
    }

    private mutating func sayTogether() -> [Action] {
        defer { saidAlone = false }
        return saidAlone ? [.sayTogether] : []
    }
}
