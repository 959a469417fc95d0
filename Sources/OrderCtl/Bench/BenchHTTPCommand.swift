import ArgumentParser

/// The command `orderctl bench http`.
struct BenchHTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Places orders by POST /orders: orders a second, answers, latency, and latency over time.",
        discussion: """
            Without --rate each connection sends its next order when it has the answer to the last one (closed loop): what \
            the service can do at most, and how long an answer takes then.

            With --rate orders are due at their times, however late the answers are (open loop), and latency counts from \
            when an order was due, not from when a connection was free for it: a pause of the service shows in every order \
            that fell into it. Choose a rate below what the closed loop reached; above it, waiting grows without end.

            Latency is of accepted orders (201). The service answers 429 beyond the rate that a key may have, and 503 while \
            its outbox is full: such answers are counted by status. Exit code 1 where no order was accepted.

              orderctl bench http --for 10s
              orderctl bench http --rate 500 --for 30s --json
            """
    )

    @Option(help: "Orders a second, 1 to 100000; absent: as fast as the answers come.") var rate: Int?
    @Option(name: .customLong("for"), help: "How long orders are placed: 10s, 5m, 1h.") var length = "10s"
    @OptionGroup var load: LoadOptions
    @OptionGroup var location: LocationOptions

    func validate() throws {
        if let rate { try BenchCommand.require("rate", rate, in: LoadPlan.rateLimits) }
        _ = try BenchCommand.duration("for", length)
    }

    func run() async throws {
        let place = try await location.locate()
        let plan = LoadPlan(
            pace: rate.map { .open(rate: $0) } ?? .closed,
            length: try BenchCommand.duration("for", length),
            connections: load.connections
        )
        let report = try await StopSign.watching(leftovers: "Nothing is reported.") { stop in
            Console.error("Placing orders at \(place.orderService) for \(length); Ctrl-C ends it early.")
            let cost = ClientCost()
            let record = try await BenchProgress(length: plan.length)
                .during { try await BenchLoad.run(plan, at: place, product: load.product, until: stop) }
            return HTTPReport(
                pace: plan.pace,
                connections: plan.connections,
                record: record,
                processorSeconds: cost.seconds,
                wasInterrupted: stop.isRaised
            )
        }
        if location.json { try Console.json(report.document) } else { Console.line(report.text) }
        if report.record.accepted == 0 { throw CommandError.alreadyTold }
    }
}
