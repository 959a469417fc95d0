import Logging
import RabbitMQ
import ServiceLifecycle
import Synchronization
import TestSupport
import WorkQueue

/// The event of these tests.
struct Probe: EventPayload {
    static let eventType = "probe.sent"
    let number: Int
}

/// A handler whose verdicts the test writes; it keeps every context that it saw.
final class ScriptedHandler: EventHandler {
    private let seen = Mutex<[DeliveryContext]>([])
    private let script: @Sendable (Probe, DeliveryContext) async -> Verdict

    init(_ script: @escaping @Sendable (Probe, DeliveryContext) async -> Verdict) {
        self.script = script
    }

    var contexts: [DeliveryContext] { seen.withLock { $0 } }

    func handle(_ event: Probe, in context: DeliveryContext) async -> Verdict {
        seen.withLock { $0.append(context) }
        return await script(event, context)
    }
}

/// One service with its worker, a publisher of events and an operator, on the suite's broker.
struct WorkerRig: Sendable {
    let service: String
    let exchange: String
    let outcomes: String?
    let retry: RetryPolicy
    let handler: ScriptedHandler
    let publisher: Publisher
    let inspector: Operator

    init(
        _ service: String,
        exchange: String? = nil,
        outcomes: String? = nil,
        delays: [Duration] = [.milliseconds(100)],
        script: @escaping @Sendable (Probe, DeliveryContext) async -> Verdict
    ) throws {
        self.service = service
        self.exchange = exchange ?? "\(service).events"
        self.outcomes = outcomes
        retry = try RetryPolicy(delays: delays)
        handler = ScriptedHandler(script)
        publisher = Publisher(
            settings: try .suite(),
            topology: .events(exchange: self.exchange),
            logger: quiet
        )
        inspector = Operator(settings: try .suite(), logger: quiet)
    }

    func worker(
        drain: Duration = .seconds(25),
        prefetch: Int = 64,
        heartbeat: Duration = .seconds(10),
        journal: (any HandlingJournal)? = nil,
        logger: Logger = quiet
    ) throws -> Worker {
        Worker(
            service: service,
            handlers: [handler],
            settings: WorkerSettings(
                prefetch: prefetch,
                concurrency: 4,
                drain: drain,
                retry: retry,
                exchange: exchange,
                outcomesExchange: outcomes
            ),
            broker: try .suite(heartbeat: heartbeat),
            journal: journal,
            logger: logger
        )
    }

    /// Runs the body beside the rig's connections, with the topology in place.
    func run(_ body: () async throws -> Void) async throws {
        try await running(publisher, inspector) {
            try await inspector.apply(.service(service, of: exchange, retry: retry), within: .seconds(20))
            try await body()
        }
    }

    func publish(
        id: String,
        type: String? = Probe.eventType,
        body: String = #"{"number":1}"#
    ) async -> PublishOutcome {
        var properties = MessageProperties(contentType: "application/json", deliveryMode: .persistent)
        properties.messageID = id.isEmpty ? nil : id
        properties.type = type
        let message = OutgoingMessage(
            exchange: exchange,
            routingKey: "",
            properties: properties,
            body: Array(body.utf8)
        )
        return await publisher.publish(message, within: .seconds(20))
    }

    func count(_ queue: String) async throws -> Int? {
        try await inspector.queue(queue, within: .seconds(20))?.messages
    }

    func deadLetters() async throws -> [DeadLetter] {
        let queue = DeadLetterQueue(service: service, broker: inspector)
        let letters = try await queue.collect(DeadLetterFilter())
        queue.release(letters)
        return letters
    }
}
