import OrderEvents
import ServiceKit
import TestSupport
import Testing
import WorkQueue

@testable import AnalyticsWorker

@Suite("The analytics handler")
struct AnalyticsHandlerTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test("orders are counted once, quietly, and the totals show in the metrics")
    func counting() async throws {
        let screen = Screen()
        let metrics = PrometheusRegistry()
        let store = TotalsStore(database: try scratch.open(AnalyticsSchema.migrations))
        TotalsGauges(store: store, metrics: metrics).register()
        let handler = AnalyticsHandler(store: store, logger: screen.logger, metrics: metrics)
        for event in ["e1", "e2", "e1"] {
            #expect(await handler.handle(order(), in: context(event)) == .done)
        }
        let text = await metrics.collectedText()
        #expect(text.contains("analytics_orders{currency=\"USD\"} 2\n"))
        #expect(text.contains("analytics_units{currency=\"USD\"} 4\n"))
        #expect(text.contains("analytics_revenue_minor_units{currency=\"USD\"} 399996\n"))
        #expect(text.contains("analytics_events_total{outcome=\"duplicate\"} 1\n"))
        #expect(screen.shown.isEmpty)
    }
}
