import CrashPoints
import Logging
import RabbitMQ
import ServiceLifecycle

/// Publishes the events of committed orders, each at least once and in order of arrival.
///
/// An event leaves the outbox when the broker has confirmed it, never before; until then it is published again
/// under the same identifier, with growing and jittered pauses, for ever. `run()` ends on graceful shutdown, after
/// publishing what waits, at most ``stopPatience`` later; the rest is found in the table at the next start, or by another
/// order service on the same database, for of several one publishes: see ``OutboxLease``.
/// Must stop before the publisher does.
struct OutboxRelay: Service {
    /// Longest wait for the broker's word on one batch; what is not answered by then is published again.
    static let publishPatience = Duration.seconds(10)
    /// Longest wait for what is in flight once the program stops.
    static let stopPatience = Duration.seconds(5)
    /// From 100 ms, doubling to 5 s: a broker that comes back finds its events within seconds.
    static let backoff = BackoffPolicy(base: .milliseconds(100), limit: .seconds(5))

    private let feed: OutboxFeed
    private let store: any OutboxStore
    private let publisher: any EventPublishing
    private let telemetry: OutboxTelemetry
    private let lease: OutboxLease?
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Creates a relay that does nothing yet.
    ///
    /// - Parameters:
    ///   - feed: Where new orders come in.
    ///   - store: The outbox's table.
    ///   - publisher: The broker.
    ///   - lease: Says whether this process or another publishes; nil where there can be no other.
    ///   - logger: Told when publishing fails and when it works again, and of each published event.
    ///   - sleep: Waits; throws when cancelled.
    init(
        feed: OutboxFeed,
        store: any OutboxStore,
        publisher: any EventPublishing,
        lease: OutboxLease? = nil,
        logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.feed = feed
        self.store = store
        self.publisher = publisher
        self.lease = lease
        telemetry = OutboxTelemetry(logger: logger)
        self.sleep = sleep
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { [lease] in await lease?.run() }
                for await _ in feed.changes {
                    while let action = feed.next() {
                        if action == .stop {
                            group.cancelAll()
                            return
                        }
                        // Immediate: runs up to its first wait before the next action starts, which is what keeps
                        // batches in order on their way into the publisher.
                        group.addImmediateTask { await carryOut(action) }
                    }
                }
                group.cancelAll()
            }
            await lease?.release()
        } onGracefulShutdown: {
            feed.report { $0.stopped() }
        }
    }

    private func carryOut(_ action: OutboxMachine.Action) async {
        switch action {
        case .publish(let orders): await publish(orders)
        case .read(let id, let limit): await read(after: id, limit: limit)
        case .mark(let ids): await mark(ids)
        case .pause(let attempt):
            let delay = Self.backoff.delay(attempt: attempt, roll: Double.random(in: 0..<1))
            // A cancelled pause ends with the relay; there is nothing to resume.
            guard (try? await sleep(delay)) != nil else { return }
            feed.report { $0.resumed() }
        case .limitStopping:
            guard (try? await sleep(Self.stopPatience)) != nil else { return }
            feed.report { $0.gaveUp() }
        case .stop: break
        }
    }

    private func publish(_ orders: [Order]) async {
        let messages = orders.map { OutgoingMessage(telling: $0) }
        let outcomes = await publisher.publish(contentsOf: messages, within: Self.publishPatience)
        let review = BatchReview(orders, outcomes)
        telemetry.note(review)
        var fault = review.fault
        var unmarked: [String] = []
        if !review.confirmed.isEmpty {
            CrashPoint.reached(.publishConfirmed)
            let ids = review.confirmed.map(\.id)
            do {
                try await store.markPublished(ids)
                CrashPoint.reached(.publishMarked)
            } catch {
                unmarked = ids
                fault = .database("\(error)")
            }
        }
        finish(fault) { $0.finished(fault, unmarked: unmarked) }
    }

    private func read(after id: String?, limit: Int) async {
        do {
            let orders = try await store.unpublished(after: id, limit: limit)
            feed.report { $0.swept(orders) }
        } catch {
            finish(.database("\(error)")) { $0.databaseFailed("\(error)") }
        }
    }

    private func mark(_ ids: [String]) async {
        do {
            try await store.markPublished(ids)
            feed.report { $0.remarked() }
        } catch {
            finish(.database("\(error)")) { $0.databaseFailed("\(error)") }
        }
    }

    private func finish(_ fault: OutboxMachine.Fault?, _ fact: (inout OutboxMachine) -> Void) {
        feed.report(fact)
        telemetry.noteStanding(feed.fault)
    }
}

/// What a batch's outcomes come to.
struct BatchReview: Sendable {
    /// The broker has these.
    var confirmed: [Order] = []
    /// How many came back because no queue is bound.
    var unroutable = 0
    /// How many the broker refused.
    var refused = 0
    /// How many it may have or not.
    var unknown = 0
    /// How many were not sent at all.
    var notSent = 0
    /// The first failure, if there is one.
    var fault: OutboxMachine.Fault?

    init(_ orders: [Order], _ outcomes: [PublishOutcome]) {
        for (index, order) in orders.enumerated() {
            let outcome = index < outcomes.count ? outcomes[index] : .unknown("the publisher said nothing")
            switch outcome {
            case .confirmed: confirmed.append(order)
            case .unroutable(let reason):
                unroutable += 1
                fault = fault ?? .unroutable(reason)
            case .refused, .unsendable:
                refused += 1
                fault = fault ?? .broker(outcome.description)
            case .unknown:
                unknown += 1
                fault = fault ?? .broker(outcome.description)
            case .notSent:
                notSent += 1
                fault = fault ?? .broker(outcome.description)
            }
        }
    }
}
