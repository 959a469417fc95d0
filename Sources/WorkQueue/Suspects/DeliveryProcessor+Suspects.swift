internal import Logging
internal import RabbitMQ

extension DeliveryProcessor {
    /// Takes a suspect from its turn to its settlement, with nothing beside it.
    ///
    /// - Parameters:
    ///   - delivery: An event that came back often, or has ended a worker before.
    ///   - isCertain: Whether nothing else in this process could be what ends it; else nothing is written down.
    func processAlone(_ delivery: Delivery, isCertain: Bool) async {
        guard let journal, let envelope = try? EnvelopeCodec.decode(delivery) else {
            metrics.count(.alone)
            await process(delivery)
            return
        }
        let begun = await known(journal, of: envelope.id)
        let record = SuspectPolicy.Record(
            returns: SuspectPolicy.returns(in: delivery.properties.headers),
            attempts: envelope.attempts,
            crashes: FailureHeaders.crashes(in: delivery.properties.headers),
            begun: begun
        )
        switch SuspectPolicy(retry: settings.retry).step(for: record) {
        case .handle:
            metrics.count(.alone)
            guard isCertain, begun != nil, await begin(journal, envelope.id) else {
                await process(delivery)
                return
            }
            await process(delivery) { await finish(journal, envelope.id) }
        case .rest(let delay):
            await rest(delivery, envelope, delay, crashes: begun ?? 0)
        case .refresh:
            await refresh(delivery, envelope, returns: record.returns)
        case .convict:
            guard await convict(delivery, envelope, crashes: begun ?? 0) else { return }
            // Replayed, it begins anew.
            await finish(journal, envelope.id)
        }
    }

    private func rest(
        _ delivery: Delivery,
        _ envelope: EventEnvelope,
        _ delay: Duration,
        crashes: Int
    ) async {
        let attempts = envelope.attempts + 1
        let note = Self.crashNote(crashes)
        var copy = FailureCopy(service: service)
            .retry(of: delivery, attempts: attempts, after: delay, note: note, at: Clock.now)
        copy.properties.headers[FailureHeaders.crashes] = .int64(Int64(crashes))
        guard await handOver(copy, for: delivery) else { return }
        metrics.count(.rested)
        report(envelope, .retrying, attempts, after: delay, detail: note.text)
        var metadata = story(envelope.id, attempts, note)
        metadata["delay"] = "\(DelayText.text(for: delay))"
        logger.warning("Event ended its worker and is scheduled for retry", metadata: metadata)
    }

    /// Without a tier for the way through, the copy goes straight to the queue's end.
    private func refresh(_ delivery: Delivery, _ envelope: EventEnvelope, returns: Int) async {
        let copies = FailureCopy(service: service)
        let copy =
            settings.retry.tier(for: .zero).map { copies.postponed(delivery, for: $0) }
            ?? copies.requeued(delivery)
        guard await handOver(copy, for: delivery) else { return }
        metrics.count(.refreshed)
        logger.warning(
            "Event came back often without being to blame and begins anew",
            metadata: ["event": "\(envelope.id)", "returns": "\(returns)"]
        )
    }

    private func convict(_ delivery: Delivery, _ envelope: EventEnvelope, crashes: Int) async -> Bool {
        let attempts = envelope.attempts + 1
        let note = Self.crashNote(crashes)
        guard await buried(delivery, envelope, attempts: attempts, .deliveryLimit, note) else { return false }
        metrics.count(.convicted)
        return true
    }

    private static func crashNote(_ crashes: Int) -> FailureNote {
        let times = crashes == 1 ? "once" : "\(crashes) times"
        return FailureNote("its worker ended \(times) while handling this event alone")
    }

    /// Nil where the journal does not answer: then nothing is known, and nothing is written down.
    private func known(_ journal: any HandlingJournal, of id: String) async -> Int? {
        do {
            return try await journal.unfinished(id)
        } catch {
            logger.warning("The journal of suspects cannot be read", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func begin(_ journal: any HandlingJournal, _ id: String) async -> Bool {
        do {
            try await journal.began(id)
            return true
        } catch {
            logger.warning("The journal of suspects cannot be written", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func finish(_ journal: any HandlingJournal, _ id: String) async {
        do {
            try await journal.finished(id)
        } catch {
            // It stays written down as begun: should the event come back, it counts as if it had ended its worker.
            logger.warning("The journal of suspects cannot be written", metadata: ["error": "\(error)"])
        }
    }
}
