/// What `orderctl bench flow` prints.
///
/// Pure.
struct FlowReport: Sendable {
    var pace: SendSchedule.Pace
    var connections: Int
    var record: LoadRecord
    var ledger: FlowLedger
    /// Of this program, in seconds.
    var processorSeconds: Double
    var wasInterrupted: Bool

    /// Most orders that are named.
    static let longestList = 10

    /// Whether orders were accepted, and each had both effects.
    var isComplete: Bool { ledger.accepted > 0 && ledger.missing == 0 }

    var text: String {
        var table = Table("WHAT", "FIGURE")
        for (name, value) in HTTPReport.rows(record, pace, connections, wasInterrupted: wasInterrupted) {
            table.add(name, value)
        }
        table.add("answered after", LatencyFigures(record.latency).text)
        table.add("orders complete", "\(ledger.complete), inventory and notification both")
        table.add("both effects after", LatencyFigures(ledger.effect).text)
        table.add("outcomes read after", LatencyFigures(ledger.latency).text)
        table.add("effect before answer", "\(ledger.outrun)")
        table.add("orders missing", "\(ledger.missing)")
        for (state, count) in ledger.states.sorted(by: { $0.key < $1.key }) { table.add(state, "\(count)") }
        table.add("the load itself", ClientCost.text(processorSeconds))
        let plot = LatencyPlot(seconds: ledger.timeline.seconds, things: "complete").lines
        let parts = [[table.text], plot, ledger.missingOrders(limit: Self.longestList)]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    /// Everything, for machines.
    var document: Document {
        Document(
            load: LoadDocument(record, pace, connections, wasInterrupted: wasInterrupted),
            answer: LatencyFigures(record.latency),
            complete: ledger.complete,
            missing: ledger.missing,
            missingOrders: ledger.missingOrders(limit: Self.longestList),
            outrun: ledger.outrun,
            outcomes: ledger.states,
            effect: LatencyFigures(ledger.effect),
            flow: LatencyFigures(ledger.latency),
            timeline: ledger.timeline.seconds,
            processorSeconds: processorSeconds
        )
    }

    /// What `--json` prints.
    struct Document: Encodable {
        var load: LoadDocument
        var answer: LatencyFigures
        var complete: Int
        var missing: Int
        var missingOrders: [String]
        var outrun: Int
        var outcomes: [String: Int]
        var effect: LatencyFigures
        var flow: LatencyFigures
        var timeline: [LatencyTimeline.Second]
        var processorSeconds: Double

        enum CodingKeys: String, CodingKey {
            case load, answer, complete, missing
            case missingOrders = "missing_orders"
            case outrun = "effect_before_answer"
            case outcomes, effect, flow, timeline
            case processorSeconds = "client_cpu_seconds"
        }
    }
}
