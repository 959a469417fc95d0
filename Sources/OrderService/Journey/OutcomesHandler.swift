import EventLog
import Metrics
import OrderEvents
import ServiceKit
import WorkQueue

/// Keeps what the services report.
struct OutcomesHandler: EventHandler {
    let store: JourneyStore
    private let kept = Self.counter("kept")
    private let known = Self.counter("known")
    private let foreign = Self.counter("foreign")

    init(_ store: JourneyStore) {
        self.store = store
    }

    func handle(_ batch: OutcomeBatch, in context: DeliveryContext) async -> Verdict {
        do {
            let receipt = try await store.record(batch)
            kept.increment(by: receipt.kept)
            known.increment(by: receipt.known)
            foreign.increment(by: receipt.foreign)
            return .done
        } catch {
            return .after(error)
        }
    }

    private static func counter(_ result: String) -> Counter {
        Counter(label: "journey_outcomes_total", dimensions: [("result", result)])
    }
}

/// Logs what other services publish.
struct LoggingHandler<Event: EventPayload>: EventHandler {
    let log: EventLog

    func handle(_ event: Event, in context: DeliveryContext) async -> Verdict {
        do {
            try await log.append(LoggedEvent(context.envelope))
            return .done
        } catch {
            return .after(error)
        }
    }
}
