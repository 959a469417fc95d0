import OrderEvents
import ServiceKit
import TestSupport
import Testing
import WorkQueue

@testable import AnalyticsWorker

@Suite("The analytics handler")
struct AnalyticsHandlerTests {
    private let scratch: Scratch
    private let screen = Screen()
    private let metrics = PrometheusRegistry()

    init() throws {
        scratch = try Scratch()
    }

    private func handler() throws -> AnalyticsHandler {
        let store = TotalsStore(database: try scratch.open(AnalyticsSchema.migrations))
        TotalsGauges(store: store, metrics: metrics).register()
        return AnalyticsHandler(store: store, logger: screen.logger, metrics: metrics)
    }

    @Test("orders are counted once, quietly, and the totals show in the metrics")
    func counting() async throws {
        let handler = try handler()
        var later = order()
        later.id = "0190a8c0-0000-7000-8000-000000000002"
        #expect(await handler.handle(order(), in: context("e1")) == .done("Counted: the user's first order"))
        #expect(await handler.handle(later, in: context("e2")) == .done("Counted: a repeat order"))
        #expect(await handler.handle(order(), in: context("e1")) == .done)
        let text = await metrics.collectedText()
        #expect(text.contains("analytics_orders{cohort=\"first\",currency=\"USD\"} 1\n"))
        #expect(text.contains("analytics_units{cohort=\"repeat\",currency=\"USD\"} 2\n"))
        #expect(text.contains("analytics_revenue_minor_units{cohort=\"repeat\",currency=\"USD\"} 199998\n"))
        #expect(text.contains("analytics_events_total{outcome=\"duplicate\"} 1\n"))
        #expect(screen.shown.isEmpty)
    }

    @Test("an order that cannot be true is a dead letter that names the field, and counts nowhere")
    func implausible() async throws {
        let handler = try handler()
        func verdict(_ change: (inout OrderCreated) -> Void) async -> Verdict {
            var order = order()
            change(&order)
            return await handler.handle(order, in: context("poison"))
        }
        for (change, field) in [
            ({ $0.createdAt = "yesterday" }, "created_at"),
            ({ $0.createdAt = "9999-01-01T00:00:00Z" }, "created_at"),
            ({ $0.createdAt = "1970-01-01T00:00:00Z" }, "created_at"),
            ({ $0.currency = "dollars" }, "currency"),
            ({ $0.quantity = -1 }, "quantity"), ({ $0.total = Money(minorUnits: .max) }, "total"),
            ({ $0.total = Money(minorUnits: 1_000_000_000_001) }, "total"),
            ({ $0.quantity = 1_000_001 }, "quantity"),
        ] as [((inout OrderCreated) -> Void, String)] {
            guard case .deadLetter(let note) = await verdict(change) else {
                Issue.record("\(field) is no dead letter")
                continue
            }
            #expect(note.text.hasPrefix(field))
        }
        #expect(await verdict { _ in } == .done("Counted: the user's first order"))
    }
}
