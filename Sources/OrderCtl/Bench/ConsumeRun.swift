import RabbitMQ
import Synchronization
import WorkQueue

/// Fills a queue, and drains it with a worker whose handler does nothing.
struct ConsumeRun: Sendable {
    let messages: Int
    let size: Int
    let prefetch: Int
    let concurrency: Int

    /// Longest time in which no message comes.
    private static let patience = Duration.seconds(30)
    private static let interval = Duration.milliseconds(20)
    /// Unconfirmed at most while the queue is filled.
    private static let window = 4_000

    /// A service's objects, as every worker has them, without tiers for retries.
    func objects() throws -> TemporaryObjects {
        let name = TemporaryObjects.freshName()
        return TemporaryObjects(
            name: name,
            topology: .service(name, of: "\(name).events", retry: try RetryPolicy(delays: []))
        )
    }

    /// Fills the queue.
    func fill(
        _ objects: TemporaryObjects,
        _ broker: BrokerSettings,
        until stop: StopSign
    ) async throws
        -> PublishRecord
    {
        let properties = EnvelopeCodec.properties(
            id: objects.name,
            type: BenchMessage.eventType,
            source: "/orderctl",
            time: "2026-01-01T00:00:00Z",
            timestamp: 1_767_225_600,
            subject: objects.name,
            traceparent: nil
        )
        let frame = #"{"padding":""}"#.utf8.count
        let padding = String(repeating: "x", count: max(size - frame, 0))
        let message = OutgoingMessage(
            exchange: "\(objects.name).events",
            routingKey: BenchMessage.eventType,
            properties: properties,
            body: Array(#"{"padding":"\#(padding)"}"#.utf8)
        )
        return try await BrokerSession.withPublisher(broker) { publisher in
            await PublishRun(
                publisher: publisher,
                message: message,
                count: messages,
                window: Self.window,
                expected: .confirmed
            )
            .run(until: stop)
        }
    }

    /// Drains the queue.
    ///
    /// - Returns: After so many messages, when none comes for long, or when the sign is raised.
    func drain(
        _ objects: TemporaryObjects,
        _ count: Int,
        _ broker: BrokerSettings,
        until stop: StopSign
    ) async throws -> ConsumeTally.Record {
        let tally = ConsumeTally(expecting: count)
        let worker = Worker(
            service: objects.name,
            handlers: [IdleHandler(tally: tally)],
            settings: WorkerSettings(
                prefetch: prefetch,
                concurrency: concurrency,
                drain: .seconds(5),
                retry: try RetryPolicy(delays: []),
                exchange: "\(objects.name).events"
            ),
            broker: broker,
            logger: BrokerSession.silent
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            var seen = (count: 0, at: ContinuousClock.now)
            while !stop.isRaised, tally.record.handled < count {
                let handled = tally.record.handled
                if handled > seen.count { seen = (handled, .now) }
                guard seen.at.duration(to: .now) < Self.patience else { break }
                try await Task.sleep(for: Self.interval)
            }
            // A cancelled worker settles what its handlers have finished.
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
        return tally.record
    }
}

/// The event that fills the queue; nothing of its body is read.
struct BenchMessage: EventPayload {
    static let eventType = "bench.message"

    init(compact body: [UInt8]) {}
}

/// Does nothing, and counts.
struct IdleHandler: EventHandler {
    let tally: ConsumeTally

    func handle(_ event: BenchMessage, in context: DeliveryContext) async -> Verdict {
        tally.count()
        return .done
    }
}

/// Counts what was handled, and takes the time of the first and the last; any task.
final class ConsumeTally: Sendable {
    struct Record: Equatable, Sendable {
        var handled = 0
        var first: Int64 = 0
        var last: Int64 = 0

        var seconds: Double { Double(last - first) / 1e9 }
        /// Messages a second, from the first to the last.
        var rate: Double { last > first ? Double(handled - 1) / seconds : 0 }
    }

    private let expected: Int
    private let state = Mutex(Record())

    init(expecting count: Int) {
        expected = count
    }

    var record: Record { state.withLock { $0 } }

    func count() {
        state.withLock { record in
            record.handled += 1
            if record.handled == 1 { record.first = SystemSeam.nanoseconds() }
            // The clock is read when somebody may look: at the end, and now and then for one that is cut short.
            if record.handled >= expected || record.handled % 64 == 0 {
                record.last = SystemSeam.nanoseconds()
            }
        }
    }
}
