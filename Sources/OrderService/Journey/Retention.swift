import EventLog
import Logging
import Metrics
import OrderEvents
import ServiceKit
import ServiceLifecycle

/// Removes old events from the log, and the journeys of orders as old.
///
/// In batches that hold the write lock for milliseconds, with a pause after each, so that orders hardly notice. `run()`
/// ends on graceful shutdown, after at most one batch.
struct Retention: Service {
    /// Rows removed in one transaction.
    static let batchLimit = 200
    /// Between batches, while there is more.
    static let pause = Duration.milliseconds(50)
    /// Between looks.
    static let interval = Duration.seconds(600)

    let log: EventLog
    let journeys: JourneyStore
    /// How long both are kept; nothing for ever.
    let period: Duration?
    let logger: Logger
    var now: @Sendable () -> Timestamp = { .now }
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    private let events = Counter(label: "events_pruned_total")
    private let entries = Counter(label: "journey_entries_pruned_total")

    init(log: EventLog, journeys: JourneyStore, period: Duration?, logger: Logger) {
        self.log = log
        self.journeys = journeys
        self.period = period
        self.logger = logger
    }

    func run() async throws {
        guard let period else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await prune(keeping: period)
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("Old events could not be removed", metadata: ["error": "\(error)"])
                }
                guard (try? await sleep(min(Self.interval, period / 10))) != nil else { return }
            }
        }
    }

    /// Removes everything that is too old now.
    ///
    /// - Parameter period: How long events are kept.
    /// - Returns: How many events and entries were removed.
    /// - Throws: `DatabaseError`, `CancellationError`.
    @discardableResult
    func prune(keeping period: Duration) async throws -> (events: Int, entries: Int) {
        let milliseconds = period.components.seconds * 1_000
        let moment = Timestamp(milliseconds: now().milliseconds - milliseconds)
        var total = (events: 0, entries: 0)
        while true {
            let events = try await log.prune(before: moment, limit: Self.batchLimit)
            let entries = try await journeys.prune(before: moment, limit: Self.batchLimit)
            total = (total.events + events, total.entries + entries)
            self.events.increment(by: events)
            self.entries.increment(by: entries)
            guard max(events, entries) == Self.batchLimit else { return total }
            try await sleep(Self.pause)
        }
    }
}
