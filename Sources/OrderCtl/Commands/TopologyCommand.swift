import ArgumentParser
import EventLog
import FoundationEssentials
import OrderEvents
import RabbitMQ
import ServiceKit
import SystemPackage
import WorkQueue

/// The command `orderctl topology`.
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Declares, prints, or checks the exchanges, queues and bindings.",
        subcommands: [Show.self, Apply.self, Check.self]
    )
}

/// Which services' objects, and their retry ladder.
struct TopologyOptions: ParsableArguments {
    @Argument(help: "Services; those that `orderctl up` starts unasked when absent.")
    var services: [String] = []

    @Option(help: "The retry ladder (RETRY_DELAYS; default 1s,5s,30s,2m,10m).")
    var retryDelays: String?

    @OptionGroup var location: LocationOptions

    /// The topology asked for, and where the broker is.
    ///
    /// - Parameter filters: Whether a service's broker filter is part of it: to declare what the service needs, not to
    ///   compare, which takes either way for good.
    /// - Returns: The objects of all services named, with those that they share; and where everything is.
    /// - Throws: ``CommandError`` or `SettingsError`.
    func resolve(withBrokerFilters filters: Bool = false) async throws -> (Topology, SystemLocation) {
        let location = try await location.locate(retryDelays: retryDelays)
        let services = services.isEmpty ? try usualServices() : services
        guard !services.isEmpty else {
            throw CommandError.usage("There is no worker beside orderctl; name the services.")
        }
        for service in services where service.wholeMatch(of: /[a-z][a-z0-9-]{0,63}/) == nil {
            throw CommandError.usage("\"\(service)\" is no service's name.")
        }
        // The order service consumes too: what became of its events, and what other services publish.
        let all = self.services.isEmpty ? services + [Topology.orderServiceName] : services
        var topology = ConfiguredTopology.shared
        for service in all {
            topology = topology + (await objects(of: service, location, withBrokerFilter: filters))
        }
        return (topology, location)
    }

    /// What the service's own settings ask for; where they say nothing of the ladder, ours do.
    private func objects(
        of service: String,
        _ location: SystemLocation,
        withBrokerFilter: Bool
    ) async -> Topology {
        var environment = ProcessInfo.processInfo.environment
        let current = FilePath(FileManager.default.currentDirectoryPath)
        if let folder = try? ProgramFolder.own.configuration(environment: environment, current: current) {
            environment["CONFIG_DIRECTORY"] = folder.string
        }
        let configured = await ConfiguredTopology(
            of: service,
            environment: environment,
            flags: retryDelays.map { ["--retry-delays=\($0)"] } ?? []
        )
        let retry = configured.retry == .standard ? location.retry : configured.retry
        if service == Topology.orderServiceName { return .orderService(retry: retry) }
        let filter = ServiceNames(service).filter
        let isFiltered = configured.topology.exchanges.contains { $0.name == filter }
        return isFiltered && withBrokerFilter
            ? configured.topology : .service(service, of: OrderEvents.exchangeName, retry: retry)
    }

    /// The command that declares what is missing, for these services.
    var applyCommand: String {
        (["orderctl topology apply"] + services).joined(separator: " ")
    }

    /// Those that `up` starts unasked, and those that a running one was asked for.
    private func usualServices() throws -> [String] {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try ProgramFolder.own.configuration(
            environment: environment,
            current: FilePath(FileManager.default.currentDirectoryPath)
        )
        let usual = ProgramFolder.own.services(configuredIn: configuration)
        let directory = UpDirectory.choose(location.directory, environment: environment)
        let running = try UpFile.running(in: directory)?.services ?? []
        return usual + running.filter { !usual.contains($0) }
    }
}

extension TopologyCommand {
    /// The command `orderctl topology show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints what the broker should have.")
        @OptionGroup var options: TopologyOptions

        func run() async throws {
            let (topology, _) = try await options.resolve()
            if options.location.json {
                try Console.json(PrintedTopology(topology))
            } else {
                Console.line(topology.description)
            }
        }
    }

    /// The command `orderctl topology apply`.
    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Declares everything; what is there stays.")
        @OptionGroup var options: TopologyOptions

        func run() async throws {
            let (topology, location) = try await options.resolve(withBrokerFilters: true)
            do {
                try await BrokerSession.withOperator(location.broker) { broker in
                    try await broker.apply(topology, within: .seconds(30))
                }
            } catch let error as RabbitMQError {
                throw CommandError.refused("\(error); `orderctl topology check` says what differs.")
            }
            if options.location.json {
                try Console.json(PrintedTopology(topology))
            } else {
                Console.line(
                    "Declared: \(topology.exchanges.count) exchanges, \(topology.queues.count) queues, "
                        + "\(topology.bindings.count) bindings."
                )
            }
        }
    }

    /// The command `orderctl topology check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares the broker with what it should have; exit code 1 for a difference."
        )
        @OptionGroup var options: TopologyOptions

        func run() async throws {
            let (topology, location) = try await options.resolve()
            let objects = try await ManagementAPI(location).objects()
            let differences = TopologyCheck(expected: topology, found: objects).differences
            if options.location.json {
                try Console.json(differences)
            } else if differences.isEmpty {
                Console.line("The broker has everything as it should be.")
            } else {
                var table = Table("OBJECT", "WHAT", "EXPECTED", "FOUND")
                for difference in differences {
                    table.add(difference.object, difference.what, difference.expected, difference.found)
                }
                Console.line(table.text)
                var said: Set<String> = []
                for difference in differences {
                    guard let mend = difference.mend, said.insert(mend).inserted else { continue }
                    let advice = mend.replacing("orderctl topology apply", with: options.applyCommand)
                    Console.line("To mend \(difference.object): \(advice).")
                }
            }
            if !differences.isEmpty { throw CommandError.alreadyTold }
        }
    }
}
