internal import Metrics

/// What a worker counts.
struct WorkerMetrics: Sendable {
    /// How an event left the worker.
    enum Outcome: Int, CaseIterable {
        case done, rejected, retried, postponed, filtered, requeued, deadLettered, unknownType

        /// As it is read on `/metrics`.
        var name: String {
            switch self {
            case .deadLettered: "dead_lettered"
            case .unknownType: "unknown_type"
            default: "\(self)"
            }
        }
    }

    /// What became of an event that came back often.
    enum SuspectOutcome: String, CaseIterable {
        /// Given to the handler with nothing beside it.
        case alone
        /// It ended its worker, and waits for another attempt.
        case rested
        /// A copy without the broker's count took its place.
        case refreshed
        /// Dead-lettered.
        case convicted
    }

    /// In the order of ``Outcome``.
    private let counters: [Counter]
    private let suspects: [SuspectOutcome: Counter]
    private let resubscriptions: Counter
    private let handling: Metrics.Timer

    init(service: String) {
        counters = Outcome.allCases.map { outcome in
            let dimensions = [("service", service), ("outcome", outcome.name)]
            return Counter(label: "worker_events_total", dimensions: dimensions)
        }
        suspects = Dictionary(
            uniqueKeysWithValues: SuspectOutcome.allCases.map { outcome in
                let dimensions = [("service", service), ("outcome", outcome.rawValue)]
                return (outcome, Counter(label: "worker_suspects_total", dimensions: dimensions))
            }
        )
        resubscriptions = Counter(label: "worker_resubscriptions_total", dimensions: [("service", service)])
        handling = Metrics.Timer(label: "worker_handle_seconds", dimensions: [("service", service)])
    }

    func count(_ outcome: Outcome) {
        counters[outcome.rawValue].increment()
    }

    func count(_ outcome: SuspectOutcome) {
        suspects[outcome]?.increment()
    }

    /// The consumer began again because nothing was delivered although messages waited.
    func resubscribed(_ times: Int) {
        resubscriptions.increment(by: times)
    }

    func handled(in duration: Duration) {
        let (seconds, attoseconds) = duration.components
        handling.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
