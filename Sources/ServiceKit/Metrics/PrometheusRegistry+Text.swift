import Synchronization

extension PrometheusRegistry {
    /// The content type of ``text()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Runs the collectors, then renders everything.
    ///
    /// Takes at most about 1 s: collectors run side by side and a slow one is not waited for.
    ///
    /// - Returns: Prometheus text format 0.0.4.
    public func collectedText() async -> String {
        let collectors = contents.withLock { $0.collectors }
        await withTaskGroup { group in
            for collect in collectors {
                group.addTask { _ = await Patience.wait(.seconds(1), for: collect) }
            }
        }
        return text()
    }

    /// Renders everything as it stands, sorted by name and labels.
    ///
    /// Any task; each series is read under its own lock, so one rendering is no snapshot across series.
    ///
    /// - Returns: Prometheus text format 0.0.4, ending with a line end.
    public func text() -> String {
        let (families, descriptions, dropped) = contents.withLock {
            ($0.families, $0.descriptions, $0.dropped)
        }
        var lines: [String] = []
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let words = name.replacing("_", with: " ")
            lines.append("# HELP \(name) \(MetricName.escapedHelp(descriptions[name] ?? words))")
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                lines += series.samples()
                    .map { sample in
                        let all = [labels, sample.label ?? ""].filter { !$0.isEmpty }.joined(separator: ",")
                        let braces = all.isEmpty ? "" : "{\(all)}"
                        return "\(name)\(sample.suffix)\(braces) \(MetricName.number(sample.value))"
                    }
            }
        }
        lines += [
            "# HELP metrics_dropped_series_total Requests for a series that was not kept.",
            "# TYPE metrics_dropped_series_total counter",
            "metrics_dropped_series_total \(dropped)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
