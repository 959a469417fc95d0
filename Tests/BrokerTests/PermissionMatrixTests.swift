import OrderEvents
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing
import WorkQueue

@Suite("Who may do what at the broker", .serialized, .privateBroker(furtherUsers: [PermissionRig.loyalty]))
struct PermissionMatrixTests {
    /// Where each user may publish; nothing else.
    private static let mayPublish: [String: Set<String>] = [
        "order-service": ["orders.events", "order-service.failures"],
        "notification": ["notification.failures", "orders.outcomes"],
        "inventory": ["inventory.failures", "orders.outcomes", "orders.events"],
        "analytics": ["analytics.failures", "orders.outcomes"],
        "loyalty": ["loyalty.failures", "orders.outcomes"],
    ]

    private static let topology = PermissionRig.topology()
    private static let queues = topology.queues.map(\.name)
    private static let exchanges =
        topology.exchanges.map(\.name) + ["", "amq.direct", "amq.fanout", "amq.topic"]

    /// Looking whether something is there, which the broker permits to everybody.
    private static let looks =
        topology.exchanges.map { BrokerAction("passive-exchange", $0.name) }
        + queues.map { BrokerAction("passive-queue", $0) }

    private static let publishes =
        exchanges.filter { !$0.isEmpty }.map { BrokerAction("publish", $0, "retry.10m") }
        // The way to every queue.
        + PermissionRig.services.map { BrokerAction("publish", "", $0) }

    private static let reads = queues.flatMap { queue in
        ["get", "consume", "purge"].map { BrokerAction($0, queue) }
    }

    /// Changes of the topology; done by the operator they leave it as it was.
    private static let changes =
        [
            BrokerAction("declare-exchange", "orders.events", "fanout"),
            BrokerAction("declare-exchange", "scratch", "fanout"),
            BrokerAction("declare-queue", "scratch"), BrokerAction("declare-own-queue"),
            BrokerAction("bind-queue", "scratch", "scratch", ""),
            BrokerAction("unbind-queue", "scratch", "scratch", ""),
            BrokerAction("bind-exchange", "orders.events", "scratch"),
            BrokerAction("unbind-exchange", "orders.events", "scratch"),
        ]
        + PermissionRig.services.flatMap { service in
            [
                BrokerAction("declare-queue", "\(service).own"),
                BrokerAction("delete-queue", "\(service).own"),
                BrokerAction("declare-exchange", "\(service).own", "direct"),
                BrokerAction("delete-exchange", "\(service).own"),
                BrokerAction("bind-queue", "scratch", service, ""),
                BrokerAction("unbind-queue", "scratch", service, ""),
                BrokerAction("bind-queue", "\(service).failures", "\(service).dead", "dead"),
            ]
        }
        + [BrokerAction("delete-queue", "scratch"), BrokerAction("delete-exchange", "scratch")]

    /// Never done by the operator here.
    private static let destruction =
        queues.map { BrokerAction("delete-queue", $0) }
        + topology.exchanges.map { BrokerAction("delete-exchange", $0.name) }

    private static func isAllowed(_ action: BrokerAction, to user: String) -> Bool {
        let name = action.words.count > 1 ? action.words[1] : ""
        return switch action.words[0] {
        case "passive-exchange", "passive-queue": true
        case "publish": mayPublish[user]?.contains(name) == true
        case "get", "consume", "purge": name == user
        default: false
        }
    }

    @Test("each user may do its own work and is refused everything else; the operator may do everything")
    func matrix() async throws {
        let rig = try PermissionRig()
        try await rig.asOperator { try await $0.apply(Self.topology, within: .seconds(30)) }
        let common = Self.looks + Self.publishes + Self.reads + Self.changes
        let operators = try await BrokerActions.codes(of: common, as: [("operator", rig.broker.url)])
        #expect(operators["operator"]?.count == common.count)
        for (action, code) in zip(common, operators["operator"] ?? []) {
            #expect(code == 0, "operator: \(action)")
        }
        let all = common + Self.destruction
        let logins = try PermissionRig.services.map { ($0, try rig.broker.url(of: $0)) }
        let codes = try await BrokerActions.codes(of: all, as: logins)
        for user in PermissionRig.services {
            #expect(codes[user]?.count == all.count)
            for (action, code) in zip(all, codes[user] ?? []) {
                #expect(code == (Self.isAllowed(action, to: user) ? 0 : 403), "\(user): \(action)")
            }
        }
        // Every one of these has been tried both ways.
        for verb in ["publish", "get", "consume", "purge", "passive-queue", "delete-queue", "bind-queue"] {
            #expect(all.contains { $0.words[0] == verb })
        }
    }

    @Test("nobody but the operator gets into the management API, and guest gets in nowhere")
    func doors() async throws {
        let rig = try PermissionRig()
        for path in ["overview", "users", "definitions", "queues/%2F"] {
            #expect(try await rig.management("GET", path) == 200)
            for user in PermissionRig.services {
                #expect(try await rig.management("GET", path, as: user) == 401, "\(user): \(path)")
            }
        }
        let port = rig.broker.node.settings.ports.amqp
        let strangers = [
            ("guest", "amqp://guest:guest@127.0.0.1:\(port)"),
            ("inventory", "amqp://inventory:@127.0.0.1:\(port)"),
            ("operator", "amqp://operator:operator@127.0.0.1:\(port)"),
        ]
        let codes = try await BrokerActions.codes(of: [BrokerAction("passive-queue", "x")], as: strangers)
        for (user, _) in strangers { #expect(codes[user] == [403], "\(user)") }
    }
}
