import ArgumentParser

/// The command `orderctl bench flow`.
struct BenchFlowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flow",
        abstract:
            "Places orders and waits for their effects: how long from the request to stock and customer.",
        discussion: """
            Orders are due at --rate, as by `bench http --rate`. An order is complete when the inventory and the \
            notification worker have both reported its outcome, done or rejected; the reports are read from the exchange \
            orders.outcomes, through a queue that is gone with this command. Time counts from when the order was due to \
            when its last outcome was read here. Workers report in batches, up to 20 ms after the effect.

            What lacks an effect when --patience has passed after the last order is missing, and named; exit code 1 then, \
            or where no order was accepted.

              orderctl bench flow --rate 500 --for 30s
            """
    )

    @Option(help: "Orders a second, 1 to 100000.") var rate = 500
    @Option(name: .customLong("for"), help: "How long orders are placed: 30s, 5m, 1h.") var length = "30s"
    @Option(help: "How long effects are waited for after the last order.") var patience = "30s"
    @OptionGroup var load: LoadOptions
    @OptionGroup var location: LocationOptions

    func validate() throws {
        try BenchCommand.require("rate", rate, in: LoadPlan.rateLimits)
        _ = try BenchCommand.duration("for", length)
        _ = try BenchCommand.duration("patience", patience)
    }

    func run() async throws {
        let place = try await location.locate()
        let flow = FlowRun(
            plan: LoadPlan(
                pace: .open(rate: rate),
                length: try BenchCommand.duration("for", length),
                connections: load.connections
            ),
            location: place,
            product: load.product,
            patience: try BenchCommand.duration("patience", patience)
        )
        let report = try await StopSign.watching(leftovers: "Nothing is reported.") { stop in
            Console.error("Placing orders at \(place.orderService) for \(length); Ctrl-C ends it early.")
            let cost = ClientCost()
            let outcome = try await BenchProgress(length: flow.plan.length)
                .during {
                    try await flow.run(until: stop)
                }
            return FlowReport(
                pace: flow.plan.pace,
                connections: flow.plan.connections,
                record: outcome.record,
                ledger: outcome.ledger,
                processorSeconds: cost.seconds,
                wasInterrupted: stop.isRaised
            )
        }
        if location.json { try Console.json(report.document) } else { Console.line(report.text) }
        if !report.isComplete { throw CommandError.alreadyTold }
    }
}
