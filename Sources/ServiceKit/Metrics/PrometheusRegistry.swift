public import CoreMetrics
import Synchronization

/// Keeps the numbers of a process and renders them as Prometheus text.
///
/// The backend behind swift-metrics: counters, gauges (`Meter`, `Gauge`), and histograms (`Timer`, in seconds, and
/// aggregating `Recorder`). Asking twice for one name and one set of labels gives the same series.
///
/// Any task; recording takes one short lock of its own series.
/// Holds at most `capacity` series; recordings of a further one, and of a name already used for another kind, go
/// nowhere and are counted in `metrics_dropped_series_total`. Series are kept until the process ends.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    struct Family {
        var kind: MetricKind
        /// Series by their rendered labels.
        var series: [String: any MetricSeries] = [:]
    }

    struct Contents {
        var families: [String: Family] = [:]
        var descriptions: [String: String] = [:]
        var collectors: [@Sendable () async -> Void] = []
        var count = 0
        var dropped = 0
    }

    let contents = Mutex(Contents())
    private let capacity: Int

    /// Creates an empty registry.
    ///
    /// - Parameter capacity: Most series kept, at least 1; 10 000 is far more than one service needs.
    public init(capacity: Int = 10_000) {
        precondition(capacity > 0, "a registry must hold something")
        self.capacity = capacity
    }

    /// Sets the HELP text of a metric; without one it is the name in words.
    ///
    /// - Parameters:
    ///   - name: The metric's name, as rendered.
    ///   - text: One sentence.
    public func describe(_ name: String, as text: String) {
        contents.withLock { $0.descriptions[MetricName.clean(name)] = text }
    }

    /// Adds work that brings gauges up to date just before each rendering, for example by asking the database.
    ///
    /// - Parameter collect: Given 1 s; a slower one leaves the values of last time.
    public func addCollector(_ collect: @escaping @Sendable () async -> Void) {
        contents.withLock { $0.collectors.append(collect) }
    }

    /// Makes or finds a counter.
    ///
    /// - Parameters:
    ///   - label: The metric's name; should end in `_total`.
    ///   - dimensions: Labels.
    /// - Returns: The series.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, .counter, make: CounterSeries.init)
    }

    /// Makes or finds a counter of fractions.
    ///
    /// - Parameters:
    ///   - label: The metric's name; should end in `_total`.
    ///   - dimensions: Labels.
    /// - Returns: The series.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        find(label, dimensions, .counter, make: CounterSeries.init)
    }

    /// Makes or finds a gauge.
    ///
    /// - Parameters:
    ///   - label: The metric's name.
    ///   - dimensions: Labels.
    /// - Returns: The series.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(label, dimensions, .gauge, make: GaugeSeries.init)
    }

    /// Makes or finds a gauge, or a histogram of plain numbers.
    ///
    /// - Parameters:
    ///   - label: The metric's name.
    ///   - dimensions: Labels.
    ///   - aggregate: True for a histogram.
    /// - Returns: The series.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return find(label, dimensions, .gauge, make: GaugeSeries.init) }
        return find(label, dimensions, .histogram) { HistogramSeries(bounds: HistogramSeries.counts) }
    }

    /// Makes or finds a histogram of seconds.
    ///
    /// - Parameters:
    ///   - label: The metric's name; `_seconds` is added where it is missing.
    ///   - dimensions: Labels.
    /// - Returns: The series.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = label.hasSuffix("_seconds") ? label : label + "_seconds"
        return find(name, dimensions, .histogram) { HistogramSeries(bounds: HistogramSeries.seconds) }
    }

    /// Keeps the series: other holders of the same series may go on counting.
    ///
    /// - Parameter handler: Ignored.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps the series.
    ///
    /// - Parameter handler: Ignored.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Keeps the series.
    ///
    /// - Parameter handler: Ignored.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps the series.
    ///
    /// - Parameter handler: Ignored.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps the series.
    ///
    /// - Parameter handler: Ignored.
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func find<Series: MetricSeries>(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: MetricKind,
        make: () -> Series
    ) -> Series {
        let name = MetricName.clean(label)
        let labels = MetricName.labels(dimensions)
        return contents.withLock { contents in
            var family = contents.families[name] ?? Family(kind: kind)
            if let known = family.series[labels] as? Series { return known }
            let series = make()
            guard family.kind == kind, contents.count < capacity else {
                contents.dropped += 1
                return series
            }
            family.series[labels] = series
            contents.families[name] = family
            contents.count += 1
            return series
        }
    }
}
