import FoundationEssentials
import Logging
public import RabbitMQNode
public import SystemPackage

/// The real RabbitMQ node that a test runs against.
///
/// Inside a suite with the trait `.broker` or `.privateBroker`, ``current()`` is that suite's node.
public struct BrokerNode: Sendable {
    /// The node, for suites that stop, kill or pause it.
    public let node: RabbitMQNode

    /// The AMQP address with the operator's login.
    public var url: String { node.url }

    /// The operator's name and password, for the management HTTP API.
    public var login: (user: String, password: String) { (node.settings.user, node.settings.password) }

    /// The password of a user; nil for one that has none.
    public func password(of user: String) -> String? { node.settings.logins.password(of: user) }

    /// The AMQP address with the login of a user of the definitions.
    public func url(of user: String) throws -> String {
        guard let url = node.settings.url(of: user) else {
            throw NotInTime(description: "no login of \(user)")
        }
        return url
    }

    /// The management HTTP API's address.
    public var managementURL: String { node.managementURL }

    @TaskLocal static var inScope: BrokerNode?

    /// The node of the suite that is running.
    ///
    /// - Throws: ``NoBroker`` outside a suite with one of the two traits.
    public static func current() throws -> BrokerNode {
        guard let inScope else { throw NoBroker() }
        return inScope
    }

    /// Starts a node in a new temporary directory.
    ///
    /// Its users are those of the definitions, as below `orderctl up`. It ends with the test process at the latest; stop
    /// it with ``stop()``.
    /// - Parameters:
    ///   - directory: Where it keeps its state; a new one when absent.
    ///   - configuration: The folder of its configuration; the shipped one when absent.
    ///   - ports: Its ports; free ones when absent.
    ///   - logins: Everybody's password; random ones when absent.
    ///   - furtherUsers: Logins beside those of the definitions.
    /// - Returns: The node, ready.
    /// - Throws: `NodeError`; then nothing of it runs.
    public static func start(
        in directory: FilePath? = nil,
        configuration: FilePath = PackageLayout.configuration.appending("rabbitmq"),
        ports: NodePorts? = nil,
        logins: BrokerLogins? = nil,
        furtherUsers: [BrokerUser] = []
    ) async throws -> BrokerNode {
        let temporary = FileManager.default.temporaryDirectory.path
        let directory =
            directory ?? FilePath("\(temporary)/order-events-node-\(UInt32.random(in: 0...UInt32.max))")
        await ProcessJanitor.shared.removeAtEnd(directory)
        let settings = NodeSettings(
            directory: directory,
            configuration: configuration,
            ports: try ports ?? .free(),
            logins: try logins
                ?? BrokerLogins(
                    for: BrokerDefinitions(inFolder: configuration).users + furtherUsers.map(\.name)
                ),
            furtherUsers: furtherUsers
        )
        let broker = BrokerNode(node: RabbitMQNode(settings, logger: Logger(label: "broker-node")))
        try await broker.startAgain()
        return broker
    }

    /// Starts the node again after it was stopped or killed, on the same data and ports.
    public func startAgain() async throws {
        try await node.start()
        for pid in await node.pids { await ProcessJanitor.shared.watch(pid) }
    }

    /// Stops the node, kills whatever remains, and removes its directory.
    public func stop() async {
        let pids = await node.pids
        // By force: nobody reads the data any more, and an orderly stop takes six seconds.
        await node.kill()
        for pid in pids { await ProcessJanitor.shared.forget(pid) }
        try? FileManager.default.removeItem(atPath: node.settings.directory.string)
    }

    /// Raises the memory alarm, so that publishers are blocked; `false` clears it.
    public func setMemoryAlarm(_ isRaised: Bool) async throws {
        let limit = isRaised ? "1" : "1073741824"
        _ = try await node.rabbitmqctl(["set_vm_memory_high_watermark", "absolute", limit])
    }

    /// Makes the broker close every connection, with a reason that clients see.
    public func closeAllConnections(reason: String = "closed by the test") async throws {
        _ = try await node.rabbitmqctl(["close_all_connections", reason])
    }
}

/// A test asked for a node outside a suite with the trait `.broker` or `.privateBroker`.
public struct NoBroker: Error, CustomStringConvertible {
    /// What to do about it.
    public var description: String { "the suite needs the trait .broker or .privateBroker" }
}

/// The node that all suites of a test process share; it ends with the process.
actor SharedBroker {
    static let shared = SharedBroker()

    private var starting: Task<BrokerNode, any Error>?

    func node() async throws -> BrokerNode {
        if let starting { return try await starting.value }
        // Unstructured because several suites wait for one start, and none of them may cancel it for the others.
        let task = Task { try await BrokerNode.start() }
        starting = task
        return try await task.value
    }
}
