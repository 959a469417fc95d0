import ArgumentParser
import ServiceKit

/// The command `orderctl bench`.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures how fast the system is: requests, the broker, a worker, and the whole way.",
        discussion: """
            Measures the system that the options name, as every command does; on a machine of its own the numbers are the \
            system's, beside the servers they are those of both. Ctrl-C ends a measurement early and reports what there is.

            `http` and `flow` place real orders: they stay, they take from the stock, and customers are told. \
            `publish` and `consume` use exchanges and queues of their own, named `orderctl.bench.…`, and delete them.
            """,
        subcommands: [
            BenchHTTPCommand.self, BenchPublishCommand.self, BenchConsumeCommand.self, BenchFlowCommand.self,
        ]
    )

    /// Checks a whole number.
    static func require(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw ValidationError(
                "--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
    }

    /// Reads a length of time.
    static func duration(
        _ name: String,
        _ text: String,
        in range: ClosedRange<Duration> = LoadPlan.lengthLimits
    ) throws -> Duration {
        guard let duration = DurationText.parse(text), range.contains(duration) else {
            let limits =
                "from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
            throw ValidationError("--\(name) \(DurationText.rule), \(limits)")
        }
        return duration
    }
}

/// The options of benchmarks that place orders.
struct LoadOptions: ParsableArguments {
    @Option(help: "Connections to the order service, 1 to 1000; each has one request under way at most.")
    var connections = 32
    @Option(
        help:
            "The product ordered, one piece an order; beyond its stock orders are accepted and then rejected."
    )
    var product = 1

    func validate() throws {
        try BenchCommand.require("connections", connections, in: LoadPlan.connectionLimits)
        try BenchCommand.require("product", product, in: 1...Int(Int32.max))
    }
}
