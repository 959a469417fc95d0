import Logging
import Metrics
import OrderEvents
import ServiceKit
import WorkQueue

/// Counts every order once.
struct AnalyticsHandler: EventHandler {
    private let store: TotalsStore
    private let logger: Logger
    private let counted: Counter
    private let duplicates: Counter

    init(store: TotalsStore, logger: Logger, metrics: any MetricsFactory) {
        self.store = store
        self.logger = logger
        func counter(_ outcome: String) -> Counter {
            Counter(label: "analytics_events_total", dimensions: [("outcome", outcome)], factory: metrics)
        }
        counted = counter("counted")
        duplicates = counter("duplicate")
    }

    func handle(_ order: OrderCreated, in context: DeliveryContext) async -> Verdict {
        do {
            guard try await store.count(order, eventID: context.eventID) else {
                duplicates.increment()
                return .done
            }
        } catch {
            return .after(error)
        }
        counted.increment()
        // At debug: a line for each order says nothing that the totals do not.
        logger.debug("Order counted", metadata: ["order_id": "\(order.id)"])
        return .done
    }
}

/// The totals as gauges, read from the database for each rendering, so that every instance shows the same.
struct TotalsGauges: Sendable {
    let store: TotalsStore
    let metrics: PrometheusRegistry

    /// Makes the gauges follow the totals from now on.
    func register() {
        metrics.describe("analytics_orders", as: "Orders counted, by all instances on this database.")
        metrics.describe("analytics_units", as: "Pieces ordered.")
        metrics.describe(
            "analytics_revenue_minor_units",
            as: "Price of everything ordered, in cents or the like."
        )
        metrics.addCollector {
            // A database that does not answer leaves the last values; readiness tells why.
            guard let totals = try? await store.totals() else { return }
            for total in totals {
                set("analytics_orders", total.orders, total.currency)
                set("analytics_units", total.units, total.currency)
                set("analytics_revenue_minor_units", total.revenue, total.currency)
            }
        }
    }

    private func set(_ name: String, _ value: Int64, _ currency: String) {
        Meter(label: name, dimensions: [("currency", currency)], factory: metrics).set(value)
    }
}
