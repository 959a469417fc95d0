/// What `orderctl bench http` prints.
///
/// Pure.
struct HTTPReport: Sendable {
    var pace: SendSchedule.Pace
    var connections: Int
    var record: LoadRecord
    /// Of the load generator, in seconds.
    var processorSeconds: Double
    var wasInterrupted: Bool

    /// Tables and the plot.
    var text: String {
        var table = Table("WHAT", "FIGURE")
        for (name, value) in Self.rows(record, pace, connections, wasInterrupted: wasInterrupted) {
            table.add(name, value)
        }
        table.add("answered after", LatencyFigures(record.latency).text)
        table.add("the load itself", ClientCost.text(processorSeconds))
        let plot = LatencyPlot(seconds: record.timeline.seconds, things: "orders").lines
        return table.text + (plot.isEmpty ? "" : "\n\n" + plot.joined(separator: "\n"))
    }

    /// What a load came to, a line a figure.
    static func rows(
        _ record: LoadRecord,
        _ pace: SendSchedule.Pace,
        _ connections: Int,
        wasInterrupted: Bool
    ) -> [(String, String)] {
        let loop =
            switch pace {
            case .closed: "closed loop, \(connections) connections"
            case .open(let rate): "open loop, \(rate) a second, up to \(connections) connections"
            }
        let length = "\(LatencyPlot.milliseconds(record.seconds)) s" + (wasInterrupted ? ", interrupted" : "")
        var rows = [
            ("load", "\(loop), \(length)"),
            ("orders accepted", "\(record.accepted), \(LatencyPlot.milliseconds(record.rate)) a second"),
        ]
        for (status, count) in record.statuses.sorted(by: { $0.key < $1.key }) {
            rows.append(("answers \(status)", "\(count)"))
        }
        for failure in LoadRecord.Failure.allCases {
            guard let count = record.failures[failure] else { continue }
            rows.append(("no answer, \(failure.rawValue.replacing("_", with: " "))", "\(count)"))
        }
        if record.unsent > 0 { rows.append(("due, but never sent", "\(record.unsent)")) }
        if record.refusedConnections > 0 {
            rows.append(("connections refused", "\(record.refusedConnections)"))
        }
        return rows
    }

    /// Everything, for machines.
    var document: Document {
        Document(
            load: LoadDocument(record, pace, connections, wasInterrupted: wasInterrupted),
            latency: LatencyFigures(record.latency),
            timeline: record.timeline.seconds,
            processorSeconds: processorSeconds
        )
    }

    /// What `--json` prints.
    struct Document: Encodable {
        var load: LoadDocument
        var latency: LatencyFigures
        var timeline: [LatencyTimeline.Second]
        var processorSeconds: Double

        enum CodingKeys: String, CodingKey {
            case load, latency, timeline
            case processorSeconds = "client_cpu_seconds"
        }
    }
}

/// The load's part of a report, for machines.
struct LoadDocument: Encodable {
    var loop: String
    var rate: Int?
    var connections: Int
    var seconds: Double
    var interrupted: Bool
    var begun: Int
    var accepted: Int
    var perSecond: Double
    var statuses: [String: Int]
    var failures: [String: Int]
    var unsent: Int
    var refusedConnections: Int

    init(
        _ record: LoadRecord,
        _ pace: SendSchedule.Pace,
        _ connections: Int,
        wasInterrupted: Bool
    ) {
        if case .open(let rate) = pace { self.rate = rate }
        loop = rate == nil ? "closed" : "open"
        self.connections = connections
        seconds = record.seconds
        interrupted = wasInterrupted
        begun = record.begun
        accepted = record.accepted
        perSecond = record.rate
        statuses = Dictionary(uniqueKeysWithValues: record.statuses.map { ("\($0.key)", $0.value) })
        failures = Dictionary(uniqueKeysWithValues: record.failures.map { ($0.key.rawValue, $0.value) })
        unsent = record.unsent
        refusedConnections = record.refusedConnections
    }

    enum CodingKeys: String, CodingKey {
        case loop, rate, connections, seconds, interrupted, begun, accepted
        case perSecond = "orders_per_second"
        case statuses, failures, unsent
        case refusedConnections = "refused_connections"
    }
}
