import CrashPoints
import Logging
import Metrics
import OrderEvents
import ServiceKit
import WorkQueue

/// Counts every order once.
struct AnalyticsHandler: EventHandler {
    private let store: TotalsStore
    private let storage: StorageGuard
    private let logger: Logger
    private let counted: Counter
    private let duplicates: Counter

    init(
        store: TotalsStore,
        storage: StorageGuard? = nil,
        logger: Logger,
        metrics: any MetricsFactory
    ) {
        self.store = store
        self.storage = storage ?? StorageGuard(logger: logger, metrics: metrics)
        self.logger = logger
        func counter(_ outcome: String) -> Counter {
            Counter(label: "analytics_events_total", dimensions: [("outcome", outcome)], factory: metrics)
        }
        counted = counter("counted")
        duplicates = counter("duplicate")
    }

    func handle(_ order: OrderCreated, in context: DeliveryContext) async -> Verdict {
        await storage.run {
            do {
                return try await count(CountedOrder(order), context)
            } catch let error as ImplausibleOrder {
                return .deadLetter(FailureNote(error.description))
            }
        }
    }

    private func count(_ order: CountedOrder, _ context: DeliveryContext) async throws -> Verdict {
        guard let cohort = try await store.count(order, eventID: context.eventID) else {
            duplicates.increment()
            return .done
        }
        CrashPoint.reached(.effectCommitted)
        counted.increment()
        // At debug: a line for each order says nothing that the totals do not.
        logger.debug("Order counted", metadata: ["order_id": "\(order.id)"])
        return switch cohort {
        case .first: .done("Counted: the user's first order")
        case .repeat: .done("Counted: a repeat order")
        }
    }
}
