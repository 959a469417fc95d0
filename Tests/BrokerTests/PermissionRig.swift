import Curl
import EventLog
import Logging
import OrderEvents
import RabbitMQ
import RabbitMQNode
import TestSupport
import WorkQueue

/// The order system's logins on the suite's broker, which has everything that an operator declares.
struct PermissionRig {
    static let workers = ["notification", "inventory", "analytics", "loyalty"]
    static let services = workers + [Topology.orderServiceName]

    /// A service that came later: its login is made by the rule, not named in the definitions that ship.
    static let loyalty: BrokerUser = {
        let permissions = ServicePermissions(
            of: "loyalty",
            publishingTo: [OrderEvents.outcomesExchangeName]
        )
        return BrokerUser(
            "loyalty",
            configure: permissions.configure,
            write: permissions.write,
            read: permissions.read
        )
    }()

    let broker: BrokerNode
    private let http = HTTPClient(connections: 2)

    init() throws {
        broker = try BrokerNode.current()
    }

    static func topology(_ retry: RetryPolicy = .standard) -> Topology {
        workers.reduce(.orderService(retry: retry)) {
            $0 + .service($1, of: OrderEvents.exchangeName, retry: retry)
        } + .outcomes(exchange: OrderEvents.outcomesExchangeName)
    }

    /// How a program with a user's login reaches the broker.
    func settings(_ user: String, _ duty: TopologyDuty? = nil) throws -> BrokerSettings {
        BrokerSettings(
            endpoints: try Endpoint.parseList(broker.url(of: user)),
            connectionName: "\(user)-worker",
            topologyDuty: duty ?? .verify(remedy: "orderctl topology apply \(user)")
        )
    }

    /// Runs the body with the operator's connection.
    func asOperator<Result: Sendable>(_ body: (Operator) async throws -> Result) async throws -> Result {
        let person = Operator(settings: try .suite(), logger: quiet)
        return try await running(person) { try await body(person) }
    }

    /// Asks the management API as a user.
    func management(
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        as user: String = "operator"
    ) async throws -> Int {
        let password = broker.node.settings.logins.password(of: user) ?? ""
        let request = HTTPRequest(
            method,
            "\(broker.managementURL)/api/\(path)",
            headers: [("Content-Type", "application/json")],
            body: body.map { Array($0.utf8) },
            login: (user, password)
        )
        return try await http.send(request).status
    }
}
