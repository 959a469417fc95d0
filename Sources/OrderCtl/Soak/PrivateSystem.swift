import ArgumentParser
import FaultProxy
import FoundationEssentials
import Glibc
import Logging
import RabbitMQNode
import SystemPackage

/// The whole system for one soak: a broker of its own, a wire that can be broken, and `orderctl up` behind it.
///
/// Everything is in one directory, on free ports of 127.0.0.1, and ends with the body.
struct PrivateSystem: Sendable {
    let node: RabbitMQNode
    let proxy: FaultProxy
    /// `orderctl up`, which starts every program again that ends.
    let up: ChildProcess
    let directory: FilePath
    /// Where the broker is, past the wire that is broken.
    let location: SystemLocation

    /// How long everything may take to become ready.
    private static let startLimit = Duration.seconds(180)
    /// How long `up` may take to end: the 35 s that it gives its programs, and the broker is not its own.
    private static let stopLimit = Duration.seconds(60)
    /// Stock of each product, for more orders than any soak places.
    private static let stock = 1_000_000_000

    /// Starts everything, hands it to the body when it is ready, and ends it.
    ///
    /// - Throws: ``CommandError`` where something does not start, or what the body throws.
    static func run<Result: Sendable>(
        _ plan: SoakPlan,
        printer: LogPrinter,
        _ body: @Sendable (PrivateSystem) async throws -> Result
    ) async throws -> Result {
        let environment = ProcessInfo.processInfo.environment
        let current = FilePath(FileManager.default.currentDirectoryPath)
        let configuration = try ProgramFolder.own.configuration(environment: environment, current: current)
        try prepare(plan)
        let table = ProcessTable(directory: plan.directory)
        let node = RabbitMQNode(
            NodeSettings(
                directory: plan.directory.appending("rabbitmq"),
                configuration: configuration.appending("rabbitmq"),
                ports: try .free()
            ),
            logger: Logger(label: "orderctl")
        ) { table.setNode($0, $1) }
        let (events, continuation) = AsyncStream<UpEvent>.makeStream()
        return try await FaultProxy.with(upstream: node.settings.ports.amqp) { proxy in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await BrokerLoop(node: node, table: table, printer: printer) { continuation.yield($0) }
                        .run()
                }
                let outcome: Swift.Result<Result, any Error>
                do {
                    try await brokerReady(events)
                    outcome = .success(
                        try await withUp(plan, node, proxy, environment, configuration, body)
                    )
                } catch {
                    outcome = .failure(error)
                }
                group.cancelAll()
                // By force: an orderly end takes six seconds, and what is kept can be started again after either.
                await node.kill()
                Leftovers.forget(in: plan.directory)
                return try outcome.get()
            }
        }
    }

    private static func prepare(_ plan: SoakPlan) throws {
        try FileManager.default.createDirectory(
            atPath: plan.upDirectory.string,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let lines = (1...SoakLoad.products).map { "\($0),Product \($0),\(stock)" }
        let catalog = (["product_id,name,stock"] + lines).joined(separator: "\n") + "\n"
        try Data(catalog.utf8).write(to: URL(filePath: plan.directory.appending("catalog.csv").string))
        // Nobody in it: a customer who wants short texts would get no mail that can be counted.
        let customers = "user_id,name,email,phone,channel,language\n"
        try Data(customers.utf8).write(to: URL(filePath: plan.directory.appending("customers.csv").string))
    }

    private static func brokerReady(_ events: AsyncStream<UpEvent>) async throws {
        for await event in events {
            switch event {
            case .brokerReady: return
            case .failed(let error): throw error
            case .topologyReady, .changed, .late, .stop: break
            }
        }
        throw CancellationError()
    }

    private static func withUp<Result: Sendable>(
        _ plan: SoakPlan,
        _ node: RabbitMQNode,
        _ proxy: FaultProxy,
        _ environment: [String: String],
        _ configuration: FilePath,
        _ body: @Sendable (PrivateSystem) async throws -> Result
    ) async throws -> Result {
        let workers = AuditStores.services.flatMap { ["--\($0)-workers", "\(plan.workers)"] }
        let up = try await ChildProcess.start(
            ChildCommand(
                executable: try ProgramFolder.own.program("orderctl"),
                arguments: ["up", "--directory", plan.upDirectory.string] + workers,
                environment: try children(plan, node, proxy, environment, configuration),
                output: .file(plan.directory.appending("up.log"))
            )
        )
        let outcome: Swift.Result<Result, any Error>
        do {
            let file = try await ready(up, plan)
            let options = try LocationOptions.parse([
                "--directory", plan.upDirectory.string, "--order-service", file.orderService,
                "--rabbitmq-url", node.url, "--management-url", node.managementURL,
            ])
            let system = PrivateSystem(
                node: node,
                proxy: proxy,
                up: up,
                directory: plan.upDirectory,
                location: try await options.locate()
            )
            outcome = .success(try await body(system))
        } catch {
            outcome = .failure(error)
        }
        await up.stop(within: stopLimit)
        return try outcome.get()
    }

    /// As shipped but for what makes the system private, mails that can be counted, and retries that end within a minute.
    private static func children(
        _ plan: SoakPlan,
        _ node: RabbitMQNode,
        _ proxy: FaultProxy,
        _ inherited: [String: String],
        _ configuration: FilePath
    ) throws -> [String: String] {
        var environment = inherited
        environment["DATABASE_URL"] = nil
        environment["UP_DIRECTORY"] = nil
        environment["CONFIG_DIRECTORY"] = configuration.string
        environment["RABBITMQ_URL"] =
            "amqp://\(node.settings.user):\(node.settings.password)@127.0.0.1:\(proxy.port)"
        environment["MANAGEMENT_URL"] = node.managementURL
        environment["HTTP_PORT"] = "\(try FreePort.find())"
        environment["CATALOG_FILE"] = plan.directory.appending("catalog.csv").string
        environment["CUSTOMERS_FILE"] = plan.directory.appending("customers.csv").string
        environment["NOTIFICATION_TRANSPORT"] = "file"
        environment["NOTIFICATION_DIRECTORY"] = plan.upDirectory.appending("mail").string
        environment["RETRY_DELAYS"] = inherited["RETRY_DELAYS"] ?? "1s,2s,5s,10s,20s,30s"
        environment["LOG_FORMAT"] = "json"
        environment["LOG_LEVEL"] = inherited["LOG_LEVEL"] ?? "warning"
        return environment
    }

    private static func ready(_ up: ChildProcess, _ plan: SoakPlan) async throws -> UpFile {
        let limit = ContinuousClock.now.advanced(by: startLimit)
        while ContinuousClock.now < limit, up.isRunning {
            if let file = try UpFile.running(in: plan.upDirectory) { return file }
            try await Task.sleep(for: .milliseconds(100))
        }
        let log = FileManager.default.contents(atPath: plan.directory.appending("up.log").string) ?? Data()
        let tail = String(decoding: log, as: UTF8.self).split(separator: "\n").suffix(15)
            .joined(separator: "\n")
        throw CommandError.unavailable("the private system did not become ready:\n\(tail)")
    }
}

extension PrivateSystem {
    /// The process of a program, or nothing while it does not run.
    ///
    /// Only what `up` started itself: an id that was given to another process meanwhile is none of ours.
    func pid(of name: String) -> Int32? {
        guard let file = try? UpFile.running(in: directory),
            let pid = file.processes.first(where: { $0.name == name })?.pid,
            ProcessRecord.parent(of: pid) == up.pid
        else { return nil }
        return pid
    }
}
