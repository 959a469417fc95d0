import Metrics
import ServiceKit

/// The totals as gauges, read from the database for each rendering, so that every instance shows the same.
///
/// Two series a currency and metric: minutes and products are for `/stats.json`.
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
            guard let cohorts = try? await store.cohorts() else { return }
            for row in cohorts {
                set("analytics_orders", row.figures.orders, row)
                set("analytics_units", row.figures.units, row)
                set("analytics_revenue_minor_units", row.figures.revenue, row)
            }
        }
    }

    private func set(_ name: String, _ value: Int64, _ row: Statistics.CohortFigures) {
        let labels = [("currency", row.figures.currency), ("cohort", row.cohort.rawValue)]
        Meter(label: name, dimensions: labels, factory: metrics).set(value)
    }
}
