import ArgumentParser
import FoundationEssentials
import RabbitMQNode
import ServiceKit
import SystemPackage
import UnixSignals

/// The command `orderctl soak`.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Loads a private system while a seeded schedule breaks it, then audits it.",
        discussion: """
            Starts a broker, a wire to it that can be broken, the order service and workers, all in a directory of its \
            own; no other system is touched. Orders come at --rate, each under an Idempotency-Key, and are sent again \
            until they are answered. Workers, the order service and the broker are killed and frozen, the wire is cut and \
            stalled, connections are closed and the memory alarm is raised; then everything is mended, comes to rest, and \
            is audited as by `orderctl audit`. The schedule follows from the seed alone.

            Ctrl-C ends the load, mends and audits; a second one ends at once. The last line is the verdict: PASS, exit \
            code 0, or FAIL, exit code 1, where one effect is lost or double, an order ended without its effect, a mail \
            was repeated and no crash explains it, or an answer was none that a client should get.
            """
    )

    @Option(help: "Orders a second, 1 to 2000.") var rate = 50
    @Option(name: .customLong("for"), help: "How long orders are placed: 30s, 10m, 1h.") var length = "2m"
    @Option(help: "The seed of what breaks when; one is chosen and printed when absent.") var chaos: UInt64?
    @Option(help: "Something breaks at least so often.") var every = "15s"
    @Option(help: "Workers of each service, 1 to 8.") var workers = 2
    @Option(help: "How long everything may take to come to rest after the load.") var settle = "5m"
    @Flag(help: "Keep the directory; it is also kept where the soak fails.") var keep = false
    @Flag(help: "Print JSON instead of tables; what happens goes to standard error.") var json = false
    @Option(help: .hidden) var plant: String?

    func validate() throws {
        guard (1...2_000).contains(rate) else {
            throw ValidationError("--rate must be a whole number from 1 to 2000")
        }
        guard (1...8).contains(workers) else {
            throw ValidationError("--workers must be a whole number from 1 to 8")
        }
        let durations = [("for", length, 1), ("every", every, 2), ("settle", settle, 10)]
        for (name, text, least) in durations {
            guard let duration = DurationText.parse(text),
                (.seconds(least)...Duration.seconds(604_800)).contains(duration)
            else { throw ValidationError("--\(name) \(DurationText.rule), from \(least)s to 168h") }
        }
        if let plant, SoakPlan.Plant(rawValue: plant) == nil {
            throw ValidationError("--plant is loss or double")
        }
    }

    func run() async throws {
        if let absence = RabbitMQNode.absence { throw CommandError.unavailable(absence) }
        let plan = plan()
        let printer = LogPrinter(names: [], file: json ? .standardError : .standardOutput, isColoured: false)
        announce(plan, printer)
        var isKept = true
        defer {
            if isKept {
                Console.error(
                    "The databases, logs, accepted.txt and mails.txt are kept in \(plan.directory)."
                )
            } else {
                try? FileManager.default.removeItem(atPath: plan.directory.string)
            }
        }
        let report = try await supervised(plan, printer)
        await printer.flush(within: .seconds(2))
        isKept = keep || !report.failures.isEmpty
        if json { try Console.json(report.document) } else { Console.line("\n" + report.text) }
        guard report.failures.isEmpty else { throw CommandError.alreadyTold }
    }

    private func plan() -> SoakPlan {
        let name = "orderctl-soak-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"
        return SoakPlan(
            rate: rate,
            length: DurationText.parse(length) ?? .seconds(120),
            seed: chaos ?? UInt64(UInt32.random(in: 0...UInt32.max)),
            every: DurationText.parse(every) ?? .seconds(15),
            workers: workers,
            patience: DurationText.parse(settle) ?? .seconds(300),
            plant: plant.flatMap(SoakPlan.Plant.init(rawValue:)),
            directory: FilePath(FileManager.default.temporaryDirectory.path).appending(name)
        )
    }

    private func announce(_ plan: SoakPlan, _ printer: LogPrinter) {
        let entries = plan.schedule.entries.map { "  \(ChaosCrew.clock($0.at))  \($0.action)" }
        printer.say(
            "Seed \(plan.seed): \(plan.rate) orders a second for \(DurationText.text(plan.length)); what will break:\n"
                + entries.joined(separator: "\n")
        )
        printer.say("Starting a private system in \(plan.directory) …")
    }

    /// Runs the soak; the first signal ends its load, the second one everything.
    private func supervised(_ plan: SoakPlan, _ printer: LogPrinter) async throws -> SoakReport {
        let (stops, continuation) = AsyncStream<Void>.makeStream()
        return try await withThrowingTaskGroup(of: SoakReport?.self) { group in
            group.addTask {
                var count = 0
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
                    count += 1
                    guard count == 1 else { return nil }
                    printer.say("\nThe load ends; a second Ctrl-C ends everything without an audit.")
                    continuation.yield()
                }
                return nil
            }
            group.addTask {
                try await PrivateSystem.run(plan, printer: printer) { system in
                    printer.say("Everything is ready; orders are placed.")
                    return try await Soak(plan: plan) { printer.say($0) }.run(on: system, until: stops)
                }
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let report = first else {
                throw CommandError.refused("Ended without an audit.")
            }
            return report
        }
    }
}
