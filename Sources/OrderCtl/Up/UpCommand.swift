import ArgumentParser
import FoundationEssentials
import RabbitMQ
import RabbitMQNode
import SystemPackage

/// The command `orderctl up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract:
            "Runs the whole system in the foreground: broker, order service, one worker of each service.",
        discussion: """
            RABBITMQ_URL set: uses that broker and starts none. Ctrl-C stops everything and keeps the data. \
            Every `<service>-worker` beside orderctl that has settings, Config/<service>-worker.yaml, is started; \
            any other one when it is named: --workers loyalty=1.
            """
    )

    @Option(help: "Where everything keeps its state (UP_DIRECTORY; default .run).")
    var directory: String?

    @Option(help: "How many inventory workers.") var inventoryWorkers: Int?
    @Option(help: "How many notification workers.") var notificationWorkers: Int?
    @Option(help: "How many analytics workers.") var analyticsWorkers: Int?

    @Option(help: ArgumentHelp("How many workers of any other service; repeatable.", valueName: "service=N"))
    var workers: [WorkerCount] = []

    @Flag(help: "Print one JSON object when everything is ready; log lines go to standard error.")
    var json = false

    func validate() throws {
        for count in [inventoryWorkers, notificationWorkers, analyticsWorkers].compactMap({ $0 }) {
            guard WorkerCounts.range.contains(count) else {
                throw ValidationError(
                    "the number of workers must be from 0 to \(WorkerCounts.range.upperBound)"
                )
            }
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let current = FilePath(FileManager.default.currentDirectoryPath)
        let directory = current.pushing(UpDirectory.choose(directory, environment: environment))
        try Self.create(directory)
        let lock = try UpLock(in: directory)
        // At once: with the lock held by this `up`, what a former one left would pass for the truth.
        UpFile.remove(in: directory)
        let ended = await Leftovers.end(in: directory)
        let plan = try UpPlan.make(
            directory: directory,
            counts: counts,
            folder: .own,
            environment: environment,
            current: current
        )
        let printer = LogPrinter(
            names: plan.programs.map(\.name),
            file: json ? .standardError : .standardOutput,
            isColoured: !json && Console.isTerminal && environment["NO_COLOR"] == nil
        )
        if !ended.isEmpty {
            printer.say("Ended what a former `up` left running: \(ended.joined(separator: ", ")).")
        }
        for remark in plan.remarks { printer.say(remark) }
        let keeper = try await Self.keeper(plan, printer)
        let supervisor = Supervisor(plan: plan, keeper: keeper, printer: printer) { [json] file in
            if json {
                try? Console.json(file)
            } else {
                printer.say(UpBanner.text(for: file, broker: plan.broker, directory: plan.directory))
            }
        }
        try await supervisor.run()
        _ = consume lock
    }

    /// Who declares the topology at a node of our own: what the settings of each service ask for.
    private static func keeper(_ plan: UpPlan, _ printer: LogPrinter) async throws -> TopologyKeeper? {
        guard case .own(let node) = plan.broker else { return nil }
        var topology = ConfiguredTopology.shared
        for program in plan.programs {
            let asked = await ConfiguredTopology(of: program.service, environment: program.environment)
            topology = topology + asked.topology
        }
        return try TopologyKeeper(topology, of: node, printer: printer)
    }

    private var counts: WorkerCounts {
        var counts = WorkerCounts()
        counts.set(inventoryWorkers, for: "inventory")
        counts.set(notificationWorkers, for: "notification")
        counts.set(analyticsWorkers, for: "analytics")
        for worker in workers { counts.set(worker.count, for: worker.service) }
        return counts
    }

    /// The directory holds logins and customers' data: nobody else's to read.
    private static func create(_ directory: FilePath) throws(CommandError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory.string,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .settings("cannot create \(directory); choose another --directory.")
        }
    }
}
