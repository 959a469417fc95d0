import Curl
import FaultProxy
import FoundationEssentials
import RabbitMQNode
import TestSupport

/// The order service and a worker of each service, on a virtual host of their own behind a wire that can be broken.
final class FaultRig: Sendable {
    static let services = ["inventory", "notification", "analytics"]
    static let retries = "200ms,500ms,1s,2s,5s"

    /// One, behind the proxy; or the nodes of a cluster, which the programs reach themselves and try in turn.
    let brokers: [BrokerNode]
    let proxy: FaultProxy
    let directory: TemporaryDirectory
    /// The virtual host; its user has the same name.
    let host: String
    let orderService: KeptProgram
    /// By service.
    let workers: [String: KeptProgram]

    private let http = HTTPClient(connections: 4)

    private init(_ brokers: [BrokerNode], _ proxy: FaultProxy) throws {
        self.brokers = brokers
        self.proxy = proxy
        let directory = try TemporaryDirectory("faults")
        self.directory = directory
        let host = "faults-\(UInt32.random(in: 0...UInt32.max))"
        self.host = host
        let ports = brokers.count == 1 ? [proxy.port] : brokers.map(\.node.settings.ports.amqp)
        let urls = ports.map { "amqp://\(host):\(host)@127.0.0.1:\($0)/\(host)" }
        func program(_ name: String, _ service: String, _ portKey: String) throws -> KeptProgram {
            let port = try FreePort.reserve()
            let points = directory.text(of: "points-\(service)")
            try FileManager.default.createDirectory(atPath: points, withIntermediateDirectories: true)
            return KeptProgram(
                name,
                port: port,
                environment: [
                    "RABBITMQ_URL": urls.joined(separator: ","),
                    // A silent wire is noticed after four seconds.
                    "RABBITMQ_HEARTBEAT": "2s",
                    "DATABASE_URL": "sqlite:\(directory.text(of: "\(service).db"))",
                    "RETRY_DELAYS": Self.retries, "LOG_FORMAT": "json",
                    "CATALOG_FILE": directory.text(of: "catalog.csv"),
                    "CRASH_AT": "@\(points)/", portKey: "\(port)",
                ]
            )
        }
        orderService = try program("order-service", "order-service", "HTTP_PORT")
        workers = try Dictionary(
            uniqueKeysWithValues: Self.services.map {
                ($0, try program("\($0)-worker", $0, "ADMIN_PORT"))
            }
        )
        let lines = (1...8).map { "\($0),Product \($0),\(Self.initialStock)" }
        let catalog = (["product_id,name,stock"] + lines).joined(separator: "\n") + "\n"
        try Data(catalog.utf8).write(to: URL(filePath: directory.text(of: "catalog.csv")))
    }

    /// Enough for every order of a run.
    static let initialStock = 1_000_000

    /// The only broker, or the first of a cluster.
    var broker: BrokerNode { brokers[0] }

    /// All four programs.
    var programs: [KeptProgram] { [orderService] + Self.services.compactMap { workers[$0] } }

    /// Starts everything, hands it to the body when it is ready, and always ends it and mends the broker.
    static func run<Result: Sendable>(
        on brokers: [BrokerNode],
        _ body: (FaultRig) async throws -> Result
    ) async throws -> Result {
        try await FaultProxy.with(upstream: brokers[0].node.settings.ports.amqp) { proxy in
            let rig = try FaultRig(brokers, proxy)
            try await rig.setUp()
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for program in rig.programs { group.addTask { try await program.run() } }
                        defer { group.cancelAll() }
                        for program in rig.programs { try await program.becomesReady() }
                        return try await body(rig)
                    }
                )
            } catch {
                result = .failure(error)
            }
            await rig.mendBroker()
            _ = try? await rig.manage("DELETE", "vhosts/\(rig.host)")
            _ = try? await rig.manage("DELETE", "users/\(rig.host)")
            return try result.get()
        }
    }

    private func setUp() async throws {
        try await manage("PUT", "vhosts/\(host)")
        try await setPassword(host)
        try await setPermitted(true)
    }

    /// Whatever a script that failed half-way left behind: the next one finds a working broker.
    private func mendBroker() async {
        for broker in brokers {
            await broker.node.resume()
            try? await broker.startAgain()
        }
    }

    /// Gives the system's user this password.
    func setPassword(_ password: String) async throws {
        try await manage("PUT", "users/\(host)", #"{"password":"\#(password)","tags":""}"#)
    }

    /// Gives the system's user every permission, or none.
    func setPermitted(_ isPermitted: Bool) async throws {
        let pattern = isPermitted ? ".*" : ""
        try await manage(
            "PUT",
            "permissions/\(host)/\(host)",
            #"{"configure":"\#(pattern)","write":"\#(pattern)","read":"\#(pattern)"}"#
        )
    }

    /// Talks to the management API as an operator; past the wire.
    @discardableResult
    func manage(_ method: String, _ path: String, _ body: String? = nil) async throws -> HTTPResponse {
        var failure = "no broker"
        for broker in brokers {
            let request = HTTPRequest(
                method,
                "\(broker.managementURL)/api/\(path)",
                headers: [("Content-Type", "application/json")],
                body: body.map { Array($0.utf8) },
                login: broker.login
            )
            do {
                let answer = try await http.send(request)
                if (200..<300).contains(answer.status) { return answer }
                failure = "\(answer.status) \(answer.text)"
            } catch {
                // One node of a cluster may be away; another one knows the same.
                failure = error.description
            }
        }
        throw NotInTime(description: "\(method) \(path): \(failure)")
    }

    /// Queues bound to the exchange of events.
    func boundQueues() async throws -> Set<String> {
        struct Binding: Decodable { var destination: String }
        let answer = try await manage("GET", "exchanges/\(host)/orders.events/bindings/source")
        return Set(try JSONDecoder().decode([Binding].self, from: Data(answer.body)).map(\.destination))
    }
}
