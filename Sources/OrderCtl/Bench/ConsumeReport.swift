/// What `orderctl bench consume` prints.
///
/// Pure.
struct ConsumeReport: Sendable {
    var messages: Int
    var size: Int
    var prefetch: Int
    var concurrency: Int
    /// How the queue was filled.
    var filling: PublishRecord
    var record: ConsumeTally.Record
    /// What is in the queue after it was drained.
    var left: Int
    /// Of this program while it drained the queue, in seconds.
    var processorSeconds: Double
    var wasInterrupted: Bool

    /// Whether every message was handled and settled, as far as nobody ended it early.
    var isComplete: Bool {
        wasInterrupted || (filling.fates[.confirmed] == messages && record.handled >= messages && left == 0)
    }

    var text: String {
        var table = Table("WHAT", "FIGURE")
        let filled = filling.fates[.confirmed] ?? 0
        let rate = LatencyPlot.milliseconds(filling.rate(.confirmed))
        table.add("filled in", "\(filled) of \(messages) messages of \(size) bytes, \(rate) a second")
        table.add("prefetch, concurrency", "\(prefetch), \(concurrency)")
        let seconds = LatencyPlot.milliseconds(record.seconds)
        table.add(
            "handled",
            "\(record.handled) in \(seconds) s: \(LatencyPlot.milliseconds(record.rate)) a second"
                + (wasInterrupted ? ", interrupted" : "")
        )
        table.add("left in the queue", "\(left)")
        table.add("this program", ClientCost.text(processorSeconds))
        return table.text
    }

    /// Everything, for machines.
    var document: Document {
        Document(
            messages: messages,
            size: size,
            prefetch: prefetch,
            concurrency: concurrency,
            filled: filling.fates[.confirmed] ?? 0,
            filledPerSecond: filling.rate(.confirmed),
            handled: record.handled,
            seconds: record.seconds,
            perSecond: record.rate,
            left: left,
            interrupted: wasInterrupted,
            processorSeconds: processorSeconds
        )
    }

    /// What `--json` prints.
    struct Document: Encodable {
        var messages: Int
        var size: Int
        var prefetch: Int
        var concurrency: Int
        var filled: Int
        var filledPerSecond: Double
        var handled: Int
        var seconds: Double
        var perSecond: Double
        var left: Int
        var interrupted: Bool
        var processorSeconds: Double

        enum CodingKeys: String, CodingKey {
            case messages, size, prefetch, concurrency, filled
            case filledPerSecond = "filled_per_second"
            case handled, seconds
            case perSecond = "messages_per_second"
            case left, interrupted
            case processorSeconds = "client_cpu_seconds"
        }
    }
}
