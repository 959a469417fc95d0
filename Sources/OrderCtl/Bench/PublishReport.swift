/// What `orderctl bench publish` prints.
///
/// Pure.
struct PublishReport: Sendable {
    /// Where the messages go.
    enum Target: String, CaseIterable, Sendable {
        /// Into no queue: the broker says so of each message.
        case nowhere
        case queue
        /// Into three queues.
        case fanout

        var queues: Int {
            switch self {
            case .nowhere: 0
            case .queue: 1
            case .fanout: 3
            }
        }

        /// What is meant to become of a message.
        var fate: PublishRecord.Fate { self == .nowhere ? .unroutable : .confirmed }
    }

    var target: Target
    var messages: Int
    var window: Int
    var size: Int
    var record: PublishRecord
    /// Of this program, in seconds.
    var processorSeconds: Double
    var wasInterrupted: Bool

    /// Whether every message had the fate that it should, as far as nobody ended it early.
    var isComplete: Bool {
        let others = record.fates.filter { $0.key != target.fate }.values.reduce(0, +)
        return others == 0 && (wasInterrupted || record.fates[target.fate] == messages)
    }

    var text: String {
        var table = Table("WHAT", "FIGURE")
        let queues = target.queues == 1 ? "1 quorum queue" : "\(target.queues) quorum queues"
        table.add("messages", "\(messages) of \(size) bytes into \(queues), up to \(window) unconfirmed")
        let length = "\(LatencyPlot.milliseconds(record.seconds)) s"
        table.add("time", length + (wasInterrupted ? ", interrupted" : ""))
        for fate in PublishRecord.Fate.allCases {
            guard let count = record.fates[fate] else { continue }
            let rate = LatencyPlot.milliseconds(record.rate(fate))
            table.add(fate.rawValue.replacing("_", with: " "), "\(count), \(rate) a second")
        }
        table.add("a quarter of the window", LatencyFigures(record.latency).text)
        table.add("this program", ClientCost.text(processorSeconds))
        return table.text
    }

    /// Everything, for machines.
    var document: Document {
        Document(
            to: target.rawValue,
            messages: messages,
            window: window,
            size: size,
            seconds: record.seconds,
            interrupted: wasInterrupted,
            fates: Dictionary(uniqueKeysWithValues: record.fates.map { ($0.key.rawValue, $0.value) }),
            perSecond: record.rate(target.fate),
            batch: LatencyFigures(record.latency),
            processorSeconds: processorSeconds
        )
    }

    /// What `--json` prints.
    struct Document: Encodable {
        var to: String
        var messages: Int
        var window: Int
        var size: Int
        var seconds: Double
        var interrupted: Bool
        var fates: [String: Int]
        var perSecond: Double
        var batch: LatencyFigures
        var processorSeconds: Double

        enum CodingKeys: String, CodingKey {
            case to, messages, window, size, seconds, interrupted
            case fates = "outcomes"
            case perSecond = "messages_per_second"
            case batch
            case processorSeconds = "client_cpu_seconds"
        }
    }
}
