internal import Metrics

/// What a worker counts.
struct WorkerMetrics: Sendable {
    /// How an event left the worker.
    enum Outcome: String, CaseIterable {
        case done, rejected, retried, postponed, filtered, requeued
        case deadLettered = "dead_lettered"
        case unknownType = "unknown_type"
    }

    private let counters: [Outcome: Counter]
    private let handling: Metrics.Timer

    init(service: String) {
        let pairs = Outcome.allCases.map { outcome in
            let dimensions = [("service", service), ("outcome", outcome.rawValue)]
            return (outcome, Counter(label: "worker_events_total", dimensions: dimensions))
        }
        counters = Dictionary(uniqueKeysWithValues: pairs)
        handling = Metrics.Timer(label: "worker_handle_seconds", dimensions: [("service", service)])
    }

    func count(_ outcome: Outcome) {
        counters[outcome]?.increment()
    }

    func handled(in duration: Duration) {
        let (seconds, attoseconds) = duration.components
        handling.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
