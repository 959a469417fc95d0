import ArgumentParser
import CLinux
import RabbitMQ

/// The command `orderctl bench consume`.
struct BenchConsumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume",
        abstract: "Drains a temporary queue with a worker whose handler does nothing: messages a second.",
        discussion: """
            Fills a quorum queue of its own, then handles everything in it as a service's worker does, decoding and \
            acknowledgement included, without a database: how fast a worker could be at most. The time runs from the first \
            message to the last. Queues and exchanges are named orderctl.bench.… and deleted at the end. Exit code 1 where \
            a message was not handled.

              orderctl bench consume --messages 100000 --prefetch 256 --concurrency 64
            """
    )

    @Option(help: "How many messages, 1 to 10000000.") var messages = 100_000
    @Option(help: "Bytes of a message's body, 16 to 1048576.") var size = 256
    @Option(help: "Most messages that the worker holds, 1 to 2000, as WORKER_PREFETCH.") var prefetch = 256
    @Option(help: "Most messages handled at once, 1 to 1000, as WORKER_CONCURRENCY.") var concurrency = 64
    @OptionGroup var location: LocationOptions

    func validate() throws {
        try BenchCommand.require("messages", messages, in: 1...10_000_000)
        try BenchCommand.require("size", size, in: 16...1_048_576)
        try BenchCommand.require("prefetch", prefetch, in: 1...2_000)
        try BenchCommand.require("concurrency", concurrency, in: 1...1_000)
    }

    func run() async throws {
        // As the services are.
        clinux_batch_process()
        var broker = try await location.locate().broker
        // What is nobody else's must be declared, also where an operator applies the rest.
        broker.topologyDuty = .declare
        let settings = broker
        let run = ConsumeRun(messages: messages, size: size, prefetch: prefetch, concurrency: concurrency)
        let objects = try run.objects()
        let report = try await StopSign.watching(leftovers: objects.leftovers) { stop in
            try await objects.with(at: settings) { connection in
                let progress = BenchProgress()
                let filling = try await progress.during {
                    try await run.fill(objects, settings, until: stop)
                }
                let cost = ClientCost()
                let filled = filling.fates[.confirmed] ?? 0
                let record = try await progress.during {
                    try await run.drain(objects, filled, settings, until: stop)
                }
                let processorSeconds = cost.seconds
                let left = try await connection.queue(objects.name, within: .seconds(10))?.messages ?? 0
                return ConsumeReport(
                    messages: messages,
                    size: size,
                    prefetch: prefetch,
                    concurrency: concurrency,
                    filling: filling,
                    record: record,
                    left: left,
                    processorSeconds: processorSeconds,
                    wasInterrupted: stop.isRaised
                )
            }
        }
        if location.json { try Console.json(report.document) } else { Console.line(report.text) }
        if !report.isComplete { throw CommandError.alreadyTold }
    }
}
