import FoundationEssentials
import OrderEvents
import RabbitMQ
import Synchronization
import WorkQueue

/// Places orders, and listens to what becomes of them.
struct FlowRun: Sendable {
    let plan: LoadPlan
    let location: SystemLocation
    let product: Int
    /// How long effects are waited for after the last order.
    let patience: Duration

    /// What came of it.
    struct Outcome: Sendable {
        var record: LoadRecord
        var ledger: FlowLedger
    }

    /// Runs until every order has its effects, or patience ends.
    func run(until stop: StopSign) async throws -> Outcome {
        let ledger = FlowBook()
        let consumer = consumer()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await consumer.run() }
            // Bound before the first order is placed.
            do {
                try await BrokerSession.waitUntilOpen(location.broker) { consumer.status }
            } catch {
                consumer.stop()
                throw error
            }
            group.addTask { await listen(to: consumer, ledger) }
            let outcome: Result<LoadRecord, any Error>
            do {
                var plan = plan
                plan.accepted = { order, intended, now in
                    ledger.change { $0.accepted(order, intended: intended, at: now) }
                }
                plan.begun = { ledger.begin() }
                let record = try await BenchLoad.run(plan, at: location, product: product, until: stop)
                try await settle(ledger)
                outcome = .success(record)
            } catch {
                outcome = .failure(error)
            }
            consumer.stop()
            try await group.waitForAll()
            return Outcome(record: try outcome.get(), ledger: ledger.current)
        }
    }

    private func settle(_ ledger: FlowBook) async throws {
        let limit = ContinuousClock.now.advanced(by: patience)
        while ledger.missing > 0, ContinuousClock.now < limit {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A queue of its own, gone with its connection.
    private func consumer() -> Consumer {
        let queue = TemporaryObjects.freshName()
        var settings = location.broker
        // What is nobody else's must be declared, also where an operator applies the rest.
        settings.topologyDuty = .declare
        let exchange = OrderEvents.outcomesExchangeName
        let own = Topology(
            queues: [
                QueueDeclaration(queue, lifetime: .exclusive, arguments: ["x-queue-type": "classic"])
            ],
            bindings: [Binding(exchange: exchange, queue: queue)]
        )
        return Consumer(
            settings: settings,
            queue: queue,
            prefetch: 500,
            topology: .outcomes(exchange: exchange) + own,
            logger: BrokerSession.silent
        )
    }

    private func listen(to consumer: Consumer, _ ledger: FlowBook) async {
        var swept = SystemSeam.nanoseconds()
        while let deliveries = await consumer.next(upTo: 500) {
            let now = SystemSeam.nanoseconds()
            let ahead = Int64(Date().timeIntervalSince1970 * 1e9) - now
            for delivery in deliveries {
                take(delivery, ledger, at: now, wallClockAhead: ahead)
                consumer.settle(delivery.tag, .acknowledge)
            }
            guard now - swept > 5_000_000_000 else { continue }
            swept = now
            ledger.change { $0.forgetStrays(at: now) }
        }
    }

    private func take(
        _ delivery: Delivery,
        _ ledger: FlowBook,
        at now: Int64,
        wallClockAhead ahead: Int64
    ) {
        // Who reports stands in the properties too, so that others' batches are not decoded.
        let source = delivery.properties.correlationID
        let isAwaited = source.map { FlowLedger.Service(rawValue: $0) != nil } ?? true
        guard isAwaited, delivery.properties.type == OutcomeBatch.eventType,
            let batch = try? EventBody.decode(OutcomeBatch.self, from: delivery.body),
            let service = FlowLedger.Service(rawValue: batch.service)
        else { return }
        let outcomes = batch.outcomes
            .filter { $0.eventType == OrderCreated.type }
            .compactMap { outcome in
                outcome.subject.flatMap { UUIDv7($0) }.map { ($0, outcome) }
            }
        ledger.change { ledger in
            for (order, outcome) in outcomes {
                // A clock far from ours tells nothing, but must not trap.
                let end = (outcome.at &+ 1).multipliedReportingOverflow(by: 1_000_000)
                let decided = end.overflow ? now : min(end.partialValue &- ahead, now)
                let moment = FlowLedger.Moment(decided: decided, read: now)
                ledger.outcome(outcome.state, of: order, at: service, moment)
            }
        }
    }
}

/// The ledger, for the load's thread and the task that listens.
final class FlowBook: Sendable {
    private let content = Mutex(FlowLedger(began: 0))

    /// The first second begins now.
    func begin() {
        content.withLock { $0 = FlowLedger(began: SystemSeam.nanoseconds()) }
    }

    var current: FlowLedger { content.withLock { $0 } }
    var missing: Int { content.withLock { $0.missing } }

    func change(_ body: (inout FlowLedger) -> Void) {
        content.withLock { body(&$0) }
    }
}
