/// The figures of a histogram, as every benchmark prints them.
struct LatencyFigures: Encodable, Equatable, Sendable {
    var count: Int
    var mean: Double
    var p50: Double
    var p90: Double
    var p99: Double
    var p999: Double
    var longest: Double

    init(_ histogram: LatencyHistogram) {
        count = histogram.count
        mean = histogram.mean
        p50 = histogram.percentile(0.5)
        p90 = histogram.percentile(0.9)
        p99 = histogram.percentile(0.99)
        p999 = histogram.percentile(0.999)
        longest = histogram.longest
    }

    enum CodingKeys: String, CodingKey {
        case count
        case mean = "mean_ms"
        case p50 = "p50_ms"
        case p90 = "p90_ms"
        case p99 = "p99_ms"
        case p999 = "p99_9_ms"
        case longest = "max_ms"
    }

    /// One line.
    var text: String {
        [("p50", p50), ("p90", p90), ("p99", p99), ("p99.9", p999), ("max", longest)]
            .map { "\($0) \(LatencyPlot.milliseconds($1))" }.joined(separator: ", ") + " ms"
    }
}

/// What every benchmark says of its own cost: where it shares its processors with the servers, this is missing there.
struct ClientCost: Sendable {
    private let began = SystemSeam.processorSeconds()

    /// Processor seconds used since this was made.
    var seconds: Double { SystemSeam.processorSeconds() - began }

    /// For people: `0.42 s of processor time`.
    static func text(_ seconds: Double) -> String {
        "\(LatencyPlot.milliseconds(seconds)) s of processor time"
    }
}
