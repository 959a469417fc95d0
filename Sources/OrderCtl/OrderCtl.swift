import ArgumentParser
import ServiceKit

/// The operator's command.
@main
struct OrderCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orderctl",
        abstract: "Runs, watches and repairs the order system.",
        discussion: """
            Every command but `up` finds a running `orderctl up` through <directory>/up.json, else it uses the \
            settings: flag, environment variable, Config/orderctl.yaml, default.

            Exit codes: 0 done, 1 the answer is no, 64 usage, 69 a needed server does not answer, 70 internal, \
            78 settings.
            """,
        version: ProgramVersion.text,
        subcommands: [
            UpCommand.self, SubmitCommand.self, ShowCommand.self, StockCommand.self, StatsCommand.self,
            TopologyCommand.self,
            DeadLettersCommand.self, DoctorCommand.self, EventsCommand.self, BrokerCommand.self,
            KeyCommand.self, AuditCommand.self, SoakCommand.self, BenchCommand.self,
        ]
    )

    static func main() async {
        SystemSeam.ignoreBrokenPipes()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as CommandError {
            if !error.message.isEmpty { Console.error("orderctl: \(error.message)") }
            SystemSeam.exit(error.code)
        } catch let error as any ExplainedError {
            Console.error("orderctl: \(error.explanation)")
            SystemSeam.exit(error.exitCode.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}
