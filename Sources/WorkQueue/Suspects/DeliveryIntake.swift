internal import Confinement
internal import Logging
internal import RabbitMQ
internal import Synchronization

/// Takes deliveries from the consumer to the processor, suspects one by one; obeys a ``SolitudeMachine``.
///
/// Used by all handling tasks of a worker at once.
final class DeliveryIntake: Sendable {
    private let consumer: Consumer
    private let processor: DeliveryProcessor
    private let metrics: WorkerMetrics
    private let logger: Logger
    private let machine = Mutex(SolitudeMachine())

    /// How often a waiting suspect's patience and the consumer's count are looked at.
    private static let round = Duration.seconds(1)

    init(consumer: Consumer, processor: DeliveryProcessor, metrics: WorkerMetrics, logger: Logger) {
        self.consumer = consumer
        self.processor = processor
        self.metrics = metrics
        self.logger = logger
    }

    /// Handles deliveries one after the other until no more come.
    func work() async {
        // One at a time, so that no task sits on what another could begin. While something waits, taking it is a short
        // lock and no switch of tasks.
        var handling: Duration?
        while let delivery = await consumer.next(afterHandlingIn: handling) {
            handling = nil
            // The broker delivers it again, here or elsewhere: handling it twice at once helps nobody.
            guard !consumer.isStale(delivery.tag) else { continue }
            let isSuspect = SuspectPolicy.suspects(delivery.properties.headers)
            if !isSuspect, machine.withLock({ $0.admit(delivery.tag) }) {
                handling = await processor.process(delivery)
                let next = machine.withLock { $0.finished() }
                if !next.isEmpty { await obey(next) }
            } else {
                await obey(machine.withLock { $0.arrived(delivery, isSuspect: isSuspect, at: .now) })
            }
        }
    }

    /// Looks at the clock until the task is cancelled.
    func keepTime() async {
        var counted = 0
        while (try? await Task.sleep(for: Self.round)) != nil {
            let resubscriptions = consumer.resubscriptions
            if resubscriptions > counted { metrics.resubscribed(resubscriptions - counted) }
            counted = resubscriptions
            await obey(machine.withLock { $0.clockMoved(to: .now) })
        }
    }

    private func obey(_ actions: [SolitudeMachine.Action]) async {
        var actions = actions[...]
        while let action = actions.popFirst() {
            switch action {
            case .handle(let delivery):
                if !consumer.isStale(delivery.tag) { await processor.process(delivery) }
                actions += machine.withLock { $0.finished() }
            case .handleAlone(let delivery, let isCertain):
                if !consumer.isStale(delivery.tag) {
                    await processor.processAlone(delivery, isCertain: isCertain)
                }
                actions += machine.withLock { $0.finishedAlone(delivery.tag) }
            case .pause(let tag):
                let last = await consumer.pause(after: tag)
                actions += machine.withLock { $0.paused(last, after: tag, at: .now) }
            case .take(let intake, let tag):
                consumer.take(intake, after: tag)
            case .sayAlone:
                logger.warning("Events that came back often are handled alone")
            case .sayTogether:
                logger.info("Events are handled beside one another again")
            }
        }
    }
}
