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
    private let end = AsyncStream.makeStream(of: Never.self)
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
        if !buffer.append(outcome) { dropped.increment() }
    }

    /// Lets ``run()`` publish what is left and return.
    func finish() {
        buffer.finish()
    }

    /// Returns when ``run()`` has, at most ``stopPatience`` after ``finish()``; for one caller.
    func finished() async {
        for await _ in end.stream {}
    }

    /// Publishes until ``finish()`` or cancellation.
    func run() async {
        defer { end.continuation.finish() }
        for await _ in buffer.arrivals {
            // Cancelled: the rest is published at once.
            try? await Task.sleep(for: Self.linger)
            await publishAll(within: nil)
        }
        await publishAll(within: Self.stopPatience)
    }

    private func publishAll(within limit: Duration?) async {
        let deadline = limit.map { ContinuousClock.now.advanced(by: $0) }
        while case let batch = buffer.take(upTo: Self.batchLimit), !batch.isEmpty {
            let message = message(of: batch)
            var attempt = 0
            while true {
                let patience =
                    deadline.map { min(Self.patience, ContinuousClock.now.duration(to: $0)) } ?? Self.patience
                let outcome = await publisher.publish(message, within: max(patience, .milliseconds(1)))
                if settle(outcome, of: batch) { break }
                attempt += 1
                let isOver = deadline.map { ContinuousClock.now >= $0 } ?? Task.isCancelled
                guard !isOver else {
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
