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
    func resolve() async throws -> (Topology, SystemLocation) {
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
        let shared =
            Topology.events(exchange: OrderEvents.exchangeName)
            + .outcomes(exchange: OrderEvents.outcomesExchangeName)
        let topology = all.reduce(shared) { topology, service in
            topology
                + (service == Topology.orderServiceName
                    ? .orderService(retry: location.retry)
                    : .service(service, of: OrderEvents.exchangeName, retry: location.retry))
        }
        return (topology, location)
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
            let (topology, location) = try await options.resolve()
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
