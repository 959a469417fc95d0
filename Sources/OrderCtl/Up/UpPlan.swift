import EventLog
import FoundationEssentials
import RabbitMQ
import RabbitMQNode
import SystemPackage

/// Everything that `up` decides before it starts anything.
struct UpPlan: Sendable {
    /// One program to keep running.
    struct Program: Sendable {
        var name: String
        /// Whose queue it consumes.
        var service: String
        var executable: FilePath
        var environment: [String: String]
        /// The HTTP port it is told to take; nil takes a new free one for each start.
        var httpPort: UInt16?
    }

    var directory: FilePath
    /// Where the programs run: they look for `Config/catalog.csv` and the like below it.
    var workingDirectory: FilePath
    var broker: Broker
    var orderService: String
    var programs: [Program]
    /// What a person should know before anything starts, such as a usual port that is taken.
    var remarks: [String]
}

extension UpPlan {
    /// Decides ports, environments and names.
    ///
    /// - Throws: ``CommandError`` when a program or the configuration is not there.
    static func make(
        directory: FilePath,
        counts: WorkerCounts,
        folder: ProgramFolder,
        environment: [String: String],
        current: FilePath
    ) throws -> UpPlan {
        var remarks: [String] = []
        func port(_ wanted: UInt16, for what: String) throws -> UInt16 {
            let port = try FreePort.reserve(preferring: wanted)
            if port != wanted { remarks.append("Port \(wanted) is taken; \(what) uses \(port).") }
            return port
        }
        let configuration = try folder.configuration(environment: environment, current: current)
        let workers = try counts.names(
            for: folder.services(configuredIn: configuration),
            among: folder.builtServices()
        )
        let broker =
            try environment["RABBITMQ_URL"].flatMap { $0.isEmpty ? nil : $0 }
            .map { try .given($0, environment: environment) }
            ?? Broker.own(
                in: directory,
                configuration: configuration,
                services: folder.builtServices(),
                amqp: port(5_672, for: "RabbitMQ"),
                management: port(15_672, for: "the management UI")
            )
        guard (environment["HTTP_TLS_CERTIFICATE"] ?? "none") == "none" else {
            throw CommandError.settings(
                "HTTP_TLS_CERTIFICATE: up looks after its programs in plain HTTP; start order-service itself for HTTPS."
            )
        }
        let wanted = try wantedHTTPPort(environment)
        let httpPort = try port(wanted, for: "the order service")
        let shared = ChildEnvironment(
            inherited: environment,
            directory: directory,
            configuration: configuration,
            broker: broker
        )
        var programs = [
            Program(
                name: "order-service",
                service: Topology.orderServiceName,
                executable: try folder.program("order-service"),
                environment: shared.orderService(port: httpPort),
                httpPort: httpPort
            )
        ]
        for (service, name) in workers {
            programs.append(
                Program(
                    name: name,
                    service: service,
                    executable: try folder.program("\(service)-worker"),
                    environment: shared.worker(of: service)
                )
            )
        }
        return UpPlan(
            directory: directory,
            workingDirectory: configuration.lastComponent == "Config"
                ? configuration.removingLastComponent() : current,
            broker: broker,
            orderService: "http://127.0.0.1:\(httpPort)",
            programs: programs,
            remarks: remarks
        )
    }

    private static func wantedHTTPPort(_ environment: [String: String]) throws(CommandError) -> UInt16 {
        guard let text = environment["HTTP_PORT"], !text.isEmpty else { return 8_001 }
        guard let port = UInt16(text), port > 0 else {
            throw .settings("HTTP_PORT must be a whole number from 1 to 65535.")
        }
        return port
    }
}
