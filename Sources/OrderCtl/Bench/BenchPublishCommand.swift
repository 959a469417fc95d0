import ArgumentParser
import CLinux
import RabbitMQ

/// The command `orderctl bench publish`.
struct BenchPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publishes messages with confirms into a temporary exchange: messages a second.",
        discussion: """
            Uses the publisher that the services use, over one connection: persistent messages, each confirmed by the broker \
            when every queue has it on disk. At most --window of them wait for their confirm; with --window 1 each waits \
            for the one before it.

            --to nowhere measures the way to the broker and back (each message comes back as unroutable), --to queue one \
            quorum queue, --to fanout three. Exchange and queues are named orderctl.bench.… and deleted at the end. Exit \
            code 1 where a message was not taken.

              orderctl bench publish --messages 100000 --to fanout
            """
    )

    @Option(help: "How many messages, 1 to 10000000.") var messages = 100_000
    @Option(help: "Most messages that wait for their confirm, 1 to 50000.") var window = 1_000
    @Option(help: "Bytes of a message's body, 0 to 1048576.") var size = 256
    @Option(help: "Where they go: nowhere, queue or fanout.") var to = PublishReport.Target.queue
    @OptionGroup var location: LocationOptions

    func validate() throws {
        try BenchCommand.require("messages", messages, in: 1...10_000_000)
        try BenchCommand.require("window", window, in: 1...50_000)
        try BenchCommand.require("size", size, in: 0...1_048_576)
    }

    func run() async throws {
        // As the services are.
        clinux_batch_process()
        let broker = try await location.locate().broker
        let objects = TemporaryObjects.fanout(queues: to.queues)
        let message = OutgoingMessage(
            exchange: objects.name,
            routingKey: "",
            properties: MessageProperties(
                deliveryMode: .persistent,
                type: "bench.message",
                appID: "orderctl"
            ),
            body: [UInt8](repeating: UInt8(ascii: "x"), count: size)
        )
        let report = try await StopSign.watching(leftovers: objects.leftovers) { stop in
            try await objects.with(at: broker) { _ in
                try await BrokerSession.withPublisher(broker) { publisher in
                    let cost = ClientCost()
                    let run = PublishRun(
                        publisher: publisher,
                        message: message,
                        count: messages,
                        window: window,
                        expected: to.fate
                    )
                    let record = try await BenchProgress().during { await run.run(until: stop) }
                    return PublishReport(
                        target: to,
                        messages: messages,
                        window: window,
                        size: size,
                        record: record,
                        processorSeconds: cost.seconds,
                        wasInterrupted: stop.isRaised
                    )
                }
            }
        }
        if location.json { try Console.json(report.document) } else { Console.line(report.text) }
        if !report.isComplete { throw CommandError.alreadyTold }
    }
}

extension PublishReport.Target: ExpressibleByArgument {}
