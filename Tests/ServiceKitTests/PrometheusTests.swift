import CoreMetrics
import Testing

@testable import ServiceKit

@Suite("Prometheus text")
struct PrometheusTests {
    private let registry = PrometheusRegistry()

    @Test("counters and gauges, with help, sorted, labels escaped")
    func golden() {
        let labels = [("reason", "a\"b\\c\nd"), ("area", "x")]
        Counter(label: "mails_total", dimensions: labels, factory: registry).increment(by: 2)
        Counter(label: "mails_total", dimensions: labels.reversed(), factory: registry).increment()
        FloatingPointCounter(label: "work.done-total", factory: registry).increment(by: 0.5)
        Meter(label: "outbox_waiting", factory: registry).set(7)
        Gauge(label: "ratio", factory: registry).record(-0.25)
        registry.describe("mails_total", as: "Mails,\nby outcome.")
        #expect(
            registry.text() == #"""
                # HELP mails_total Mails,\nby outcome.
                # TYPE mails_total counter
                mails_total{area="x",reason="a\"b\\c\nd"} 3
                # HELP outbox_waiting outbox waiting
                # TYPE outbox_waiting gauge
                outbox_waiting 7
                # HELP ratio ratio
                # TYPE ratio gauge
                ratio -0.25
                # HELP work_done_total work done total
                # TYPE work_done_total counter
                work_done_total 0.5
                # HELP metrics_dropped_series_total Requests for a series that was not kept.
                # TYPE metrics_dropped_series_total counter
                metrics_dropped_series_total 0

                """#
        )
    }

    @Test("a timer is a histogram in seconds with cumulative buckets")
    func timer() {
        let timer = Timer(label: "handle", dimensions: [("type", "t")], factory: registry)
        timer.recordMilliseconds(1)
        timer.recordMilliseconds(300)
        timer.recordSeconds(120)
        let lines = registry.text().split(separator: "\n")
        #expect(lines.contains("# TYPE handle_seconds histogram"))
        #expect(lines.contains("handle_seconds_bucket{type=\"t\",le=\"0.001\"} 1"))
        #expect(lines.contains("handle_seconds_bucket{type=\"t\",le=\"0.25\"} 1"))
        #expect(lines.contains("handle_seconds_bucket{type=\"t\",le=\"0.5\"} 2"))
        #expect(lines.contains("handle_seconds_bucket{type=\"t\",le=\"60\"} 2"))
        #expect(lines.contains("handle_seconds_bucket{type=\"t\",le=\"+Inf\"} 3"))
        #expect(lines.contains("handle_seconds_sum{type=\"t\"} 120.301"))
        #expect(lines.contains("handle_seconds_count{type=\"t\"} 3"))
    }

    @Test("a counter never goes down, and what is not finite goes nowhere")
    func monotone() {
        let counter = FloatingPointCounter(label: "c_total", factory: registry)
        counter.increment(by: 1)
        counter.increment(by: -5)
        counter.increment(by: Double.nan)
        #expect(registry.text().contains("\nc_total 1\n"))
    }

    @Test("series beyond the bound, and a name used for two kinds, are dropped and counted")
    func bounds() {
        let registry = PrometheusRegistry(capacity: 2)
        for index in 0..<5 {
            Counter(label: "n_total", dimensions: [("i", "\(index)")], factory: registry).increment()
        }
        Meter(label: "n_total", dimensions: [("i", "0")], factory: registry).set(9)
        let text = registry.text()
        #expect(text.contains("n_total{i=\"1\"} 1"))
        #expect(!text.contains("n_total{i=\"2\"}"))
        #expect(text.contains("metrics_dropped_series_total 4"))
    }

    @Test("collectors run before each rendering, and counting from many tasks loses nothing")
    func concurrent() async {
        let registry = registry
        registry.addCollector { Meter(label: "fresh", factory: registry).set(1) }
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 { Counter(label: "hits_total", factory: registry).increment() }
                }
            }
        }
        let text = await registry.collectedText()
        #expect(text.contains("\nhits_total 8000\n"))
        #expect(text.contains("\nfresh 1\n"))
    }
}
