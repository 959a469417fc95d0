internal import FoundationEssentials
internal import Logging
internal import Metrics
internal import RabbitMQ

/// Tells what became of each event, in batches, beside the work.
///
/// No acknowledgement waits for it. A batch is published until the broker confirms it; a process that dies loses the
/// outcomes that it had not published, and only those: the effects themselves are told by nobody else.
struct OutcomeReporter: Sendable {
    /// Outcomes in a message: some 50 KB of usual ones.
    static let batchLimit = 256
    /// Waited before a batch leaves, so that a busy worker sends few messages and a person sees no delay.
    static let linger = Duration.milliseconds(20)
    /// Longest wait for what is left once the worker stops.
    static let stopPatience = Duration.seconds(2)
    private static let patience = Duration.seconds(10)
    private static let backoff = BackoffPolicy(base: .milliseconds(200), limit: .seconds(10))

    private let service: String
    private let exchange: String
    private let publisher: Publisher
    private let buffer = OutcomeBuffer()
    private let logger: Logger
    private let reported: Counter
    private let dropped: Counter

    init(service: String, exchange: String, publisher: Publisher, logger: Logger) {
        self.service = service
        self.exchange = exchange
        self.publisher = publisher
        self.logger = logger
        reported = Counter(label: "worker_outcomes_reported_total", dimensions: [("service", service)])
        dropped = Counter(label: "worker_outcomes_dropped_total", dimensions: [("service", service)])
    }

    /// Notes an outcome; never waits.
    func report(_ outcome: Outcome) {
        let lost = buffer.append(outcome)
        if lost > 0 { dropped.increment(by: lost) }
    }

    /// Lets ``run()`` publish what is left and return.
    func finish() {
        buffer.finish()
    }

    /// Publishes until ``finish()``, and then what is left; drops that when its task is cancelled.
    ///
    /// Returns soon after cancellation, however the broker stands.
    func run() async {
        for await _ in buffer.arrivals {
            try? await Task.sleep(for: Self.linger)
            await publishAll()
        }
        await publishAll()
    }

    private func publishAll() async {
        while case let batch = buffer.take(upTo: Self.batchLimit), !batch.isEmpty {
            let message = message(of: batch)
            var attempt = 0
            while true {
                let outcome = await publisher.publish(message, within: Self.patience)
                if settle(outcome, of: batch) { break }
                attempt += 1
                guard !Task.isCancelled else {
                    dropped.increment(by: batch.count)
                    break
                }
                try? await Task.sleep(for: Self.backoff.delay(attempt: attempt, roll: .random(in: 0..<1)))
            }
        }
    }

    /// Whether nothing is left to do for the batch.
    private func settle(_ outcome: PublishOutcome, of batch: [Outcome]) -> Bool {
        switch outcome {
        case .confirmed:
            reported.increment(by: batch.count)
            return true
        case .unroutable, .unsendable:
            // Nobody listens, or it can never be sent.
            dropped.increment(by: batch.count)
            return true
        case .refused, .unknown, .notSent:
            logger.debug("Outcomes were not taken over, trying again", metadata: ["outcome": "\(outcome)"])
            return false
        }
    }

    private func message(of batch: [Outcome]) -> OutgoingMessage {
        let now = Clock.milliseconds
        return OutgoingMessage(
            exchange: exchange,
            routingKey: OutcomeBatch.eventType,
            properties: EnvelopeCodec.properties(
                id: UUID().uuidString.lowercased(),
                type: OutcomeBatch.eventType,
                version: OutcomeBatch.eventVersion,
                source: "/\(service)-worker",
                time: Clock.text(milliseconds: now),
                timestamp: UInt64(now / 1_000),
                subject: service,
                traceparent: nil
            ),
            body: OutcomeBatch(service: service, outcomes: batch).json()
        )
    }
}
