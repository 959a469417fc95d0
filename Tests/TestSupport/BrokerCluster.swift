import FoundationEssentials
import Logging
import RabbitMQNode
import SystemPackage

/// Three RabbitMQ nodes on this machine that form a cluster; quorum queues have a member on each.
///
/// It takes half a minute to form. Ends with the test process at the latest; end it with ``stop()``.
public final class BrokerCluster: Sendable {
    /// The nodes, to be killed, stopped, paused and started again.
    public let nodes: [BrokerNode]

    private let portMapper: ChildProcess
    private static let names = ["one", "two", "three"]

    private init(nodes: [BrokerNode], portMapper: ChildProcess) {
        self.nodes = nodes
        self.portMapper = portMapper
    }

    /// Starts three nodes in new temporary directories and returns when they have found each other.
    public static func start() async throws -> BrokerCluster {
        let epmd = try FreePort.reserve()
        let portMapper = try await ChildProcess.start(
            ChildCommand(
                executable: "/usr/bin/epmd",
                arguments: ["-port", String(epmd), "-address", "127.0.0.1"],
                environment: ["PATH": "/usr/bin:/bin"]
            )
        )
        await ProcessJanitor.shared.watch(portMapper.pid)
        let cookie = String((0..<20).compactMap { _ in "ABCDEFGHIJKLMNOPQRSTUVWXYZ".randomElement() })
        // Users are the cluster's, whichever node imported them last.
        let configuration = PackageLayout.configuration.appending("rabbitmq")
        let logins = try BrokerLogins(for: BrokerDefinitions(inFolder: configuration).users)
        let nodes = try names.map { name in
            BrokerNode(
                node: RabbitMQNode(
                    try settings(name, epmd: epmd, cookie: cookie, logins),
                    logger: Logger(label: "broker-\(name)")
                )
            )
        }
        let cluster = BrokerCluster(nodes: nodes, portMapper: portMapper)
        do {
            for node in nodes {
                let directory = node.node.settings.directory
                await ProcessJanitor.shared.removeAtEnd(directory)
            }
            // Together: each waits for the others.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes { group.addTask { try await node.startAgain() } }
                try await group.waitForAll()
            }
            try await cluster.isWhole()
        } catch {
            await cluster.stop()
            throw error
        }
        return cluster
    }

    private static func settings(
        _ name: String,
        epmd: UInt16,
        cookie: String,
        _ logins: BrokerLogins
    ) throws -> NodeSettings {
        let directory =
            FileManager.default.temporaryDirectory.path
            + "/order-events-node-\(name)-\(UInt32.random(in: 0...UInt32.max))"
        let ports = NodePorts(
            amqp: try FreePort.reserve(),
            management: try FreePort.reserve(),
            distribution: try FreePort.reserve(),
            epmd: epmd,
            commandLine: try FreePort.reserve()
        )
        var settings = NodeSettings(
            directory: FilePath(directory),
            configuration: PackageLayout.configuration.appending("rabbitmq"),
            ports: ports,
            logins: logins,
            startDeadline: .seconds(180)
        )
        settings.cluster = NodeCluster(member: name, members: names, cookie: cookie)
        return settings
    }

    /// Waits until every node sees three running ones.
    public func isWhole() async throws {
        for node in nodes {
            try await eventually(within: .seconds(120), every: .milliseconds(500), "three nodes run together")
            {
                let status = try await node.node.rabbitmqctl(["cluster_status", "--formatter", "json"])
                struct Status: Decodable { var running_nodes: [String] }
                return try JSONDecoder().decode(Status.self, from: Data(status.utf8)).running_nodes.count == 3
            }
        }
    }

    /// Kills every node and removes what they wrote.
    public func stop() async {
        for node in nodes { await node.stop() }
        await portMapper.kill()
        await ProcessJanitor.shared.forget(portMapper.pid)
    }
}
