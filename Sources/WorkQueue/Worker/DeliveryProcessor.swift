internal import CrashPoints
internal import Logging
internal import RabbitMQ

/// Takes one delivery from arrival to settlement.
///
/// 1. Decode; what is no event of ours becomes a dead letter.
/// 2. Ask the handler.
/// 3. Done: acknowledge. Otherwise publish the copy, wait for its confirm, and only then acknowledge the original:
///    a crash in between leaves two, which the event id makes one, never none.
struct DeliveryProcessor: Sendable {
    let service: String
    let settings: WorkerSettings
    let handlers: HandlerTable
    let consumer: Consumer
    let publisher: Publisher
    let metrics: WorkerMetrics
    /// Nil where nobody is told of outcomes.
    let reporter: OutcomeReporter?
    /// Nil where nothing is known of the events that end their worker.
    let journal: (any HandlingJournal)?
    let logger: Logger

    /// Longest wait for the confirm of one copy, before the next try.
    private static let confirmPatience = Duration.seconds(10)
    private static let backoff = BackoffPolicy(base: .milliseconds(200), limit: .seconds(10))

    /// - Parameters:
    ///   - delivery: What came.
    ///   - handled: Told when the handler has answered, before anything is settled.
    /// - Returns: How long it took, with the wait for a confirm where there was one; `nil` for one that was filtered out.
    @discardableResult
    func process(_ delivery: Delivery, handled: () async -> Void = {}) async -> Duration? {
        CrashPoint.reached(.deliveryReceived)
        let envelope: EventEnvelope
        do throws(UndecodableMessage) {
            envelope = try EnvelopeCodec.decode(delivery)
        } catch {
            let start = ContinuousClock.now
            await bury(delivery, nil, attempts: 0, .undecodable, FailureNote(error.description))
            return start.duration(to: .now)
        }
        CrashPoint.reached(.deliveryDecoded)
        guard settings.accepts(envelope) else {
            consumer.settle(delivery.tag, .acknowledge)
            metrics.count(.filtered)
            report(envelope, .skipped, envelope.attempts + 1, detail: nil)
            return nil
        }
        let start = ContinuousClock.now
        CrashPoint.reached(.handlerCalled, with: envelope.id)
        let result = await handlers.apply(envelope)
        CrashPoint.reached(.outcomeDecided)
        await handled()
        let duration = start.duration(to: .now)
        metrics.handled(in: duration)
        return await settle(delivery, envelope, result) ? start.duration(to: .now) : duration
    }

    /// - Returns: Whether it waited for the broker.
    private func settle(
        _ delivery: Delivery,
        _ envelope: EventEnvelope,
        _ result: HandlerTable.Result
    ) async -> Bool {
        switch result {
        case .verdict(.done):
            conclude(delivery, envelope, .done, nil)
            return false
        case .verdict(.concluded(let conclusion)):
            conclude(delivery, envelope, conclusion.kind == .done ? .done : .rejected, conclusion.detail.text)
            return false
        case .verdict(.retry(let note, let requested)):
            await retry(delivery, envelope, note, requested)
        case .verdict(.postpone(let note, let requested)):
            await postpone(delivery, envelope, note, requested)
        case .verdict(.release):
            consumer.settle(delivery.tag, .requeue)
            metrics.count(.requeued)
            return false
        case .verdict(.deadLetter(let note)):
            await bury(delivery, envelope, attempts: envelope.attempts + 1, .permanent, note)
        case .undecodable(let note):
            await bury(delivery, envelope, attempts: envelope.attempts, .undecodable, note)
        case .unknownType:
            consumer.settle(delivery.tag, .acknowledge)
            metrics.count(.unknownType)
            logger.debug(
                "Event of a type that this service does not handle",
                metadata: ["type": "\(envelope.type)"]
            )
            return false
        }
        return true
    }

    private func conclude(
        _ delivery: Delivery,
        _ envelope: EventEnvelope,
        _ state: Outcome.State,
        _ detail: String?
    ) {
        consumer.settle(delivery.tag, .acknowledge)
        CrashPoint.reached(.settlementHandedOver)
        metrics.count(state == .rejected ? .rejected : .done)
        report(envelope, state, envelope.attempts + 1, detail: detail)
    }

    private func retry(
        _ delivery: Delivery,
        _ envelope: EventEnvelope,
        _ note: FailureNote,
        _ requested: Duration?
    ) async {
        let attempts = envelope.attempts + 1
        guard case .wait(let delay) = settings.retry.step(after: attempts, requested: requested) else {
            return await bury(delivery, envelope, attempts: attempts, .exhausted, note)
        }
        let copy = FailureCopy(service: service)
            .retry(of: delivery, attempts: attempts, after: delay, note: note, at: Clock.now)
        guard await handOver(copy, for: delivery) else { return }
        metrics.count(.retried)
        report(envelope, .retrying, attempts, after: delay, detail: note.text)
        var metadata = story(envelope.id, attempts, note)
        metadata["delay"] = "\(DelayText.text(for: delay))"
        logger.warning("Event scheduled for retry", metadata: metadata)
    }

    /// Sends a copy to a tier that says nothing of an attempt.
    private func postpone(
        _ delivery: Delivery,
        _ envelope: EventEnvelope,
        _ note: FailureNote,
        _ requested: Duration
    ) async {
        let delay = settings.retry.tier(for: requested)
        let copies = FailureCopy(service: service)
        let copy = delay.map { copies.postponed(delivery, for: $0) } ?? copies.requeued(delivery)
        guard await handOver(copy, for: delivery) else { return }
        metrics.count(.postponed)
        report(envelope, .retrying, envelope.attempts + 1, after: delay ?? .zero, detail: note.text)
        var metadata = story(envelope.id, envelope.attempts, note)
        metadata["delay"] = "\(DelayText.text(for: delay ?? .zero))"
        logger.info("Event postponed", metadata: metadata)
    }

    private func bury(
        _ delivery: Delivery,
        _ envelope: EventEnvelope?,
        attempts: Int,
        _ reason: DeadLetterReason,
        _ note: FailureNote
    ) async {
        _ = await buried(delivery, envelope, attempts: attempts, reason, note)
    }

    /// Whether it is among the dead letters now; otherwise it comes back.
    func buried(
        _ delivery: Delivery,
        _ envelope: EventEnvelope?,
        attempts: Int,
        _ reason: DeadLetterReason,
        _ note: FailureNote
    ) async -> Bool {
        let copy = FailureCopy(service: service)
            .dead(of: delivery, attempts: attempts, reason: reason, note: note, at: Clock.now)
        guard await handOver(copy, for: delivery) else { return false }
        metrics.count(.deadLettered)
        if let envelope { report(envelope, .deadLettered, max(attempts, 1), detail: note.text) }
        var metadata = story(DeadLetter(delivery).id ?? "none", attempts, note)
        metadata["reason"] = "\(reason.rawValue)"
        logger.error("Event dead-lettered", metadata: metadata)
        return true
    }

    /// Publishes the copy until the broker has it, then acknowledges the original.
    ///
    /// Gives up when the original is the broker's again, or this task is cancelled: then the original comes back, and
    /// with it the decision.
    func handOver(_ copy: OutgoingMessage, for delivery: Delivery) async -> Bool {
        var attempt = 0
        while !Task.isCancelled, !consumer.isStale(delivery.tag) {
            let outcome = await publisher.publish(copy, within: Self.confirmPatience)
            switch outcome {
            case .confirmed:
                CrashPoint.reached(.copyConfirmed)
                consumer.settle(delivery.tag, .acknowledge)
                CrashPoint.reached(.settlementHandedOver)
                return true
            case .unsendable:
                // The original travelled, the copy with its story does not: the broker moves the original itself.
                consumer.settle(delivery.tag, .reject)
                metrics.count(.deadLettered)
                logger.error("Event dead-lettered without its story", metadata: ["outcome": "\(outcome)"])
                return false
            case .unroutable:
                publisher.declareAgain()
            case .refused, .unknown, .notSent:
                break
            }
            attempt += 1
            logger.warning(
                "The copy of a failed event was not taken over, trying again",
                metadata: ["queue": "\(copy.routingKey)", "outcome": "\(outcome)"]
            )
            try? await Task.sleep(for: Self.backoff.delay(attempt: attempt, roll: .random(in: 0..<1)))
        }
        metrics.count(.requeued)
        return false
    }

    func report(
        _ envelope: EventEnvelope,
        _ state: Outcome.State,
        _ attempt: Int,
        after delay: Duration? = nil,
        detail: String?
    ) {
        guard let reporter else { return }
        let now = Clock.milliseconds
        reporter.report(
            Outcome(
                eventID: envelope.id,
                eventType: envelope.type,
                subject: envelope.subject,
                state: state,
                attempt: attempt,
                at: now,
                nextAt: delay.map { now + DelayText.milliseconds(of: $0) },
                detail: detail.map { OutcomeNote($0).text }
            )
        )
    }

    func story(_ id: String, _ attempts: Int, _ note: FailureNote) -> Logger.Metadata {
        ["event": "\(id)", "attempts": "\(attempts)", "error": "\(note.text)"]
    }
}
