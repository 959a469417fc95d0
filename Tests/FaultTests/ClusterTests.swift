import FoundationEssentials
import Logging
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing

/// Half a minute to form and as long for each node that comes back: asked for with `FAULT_CLUSTER`.
@Suite("A cluster of three loses nodes", .serialized, .brokerInstalled, .enabled(if: Laboratory.hasCluster))
struct ClusterTests {
    private static let rate = 200

    @Test(
        "a killed leader stops no publisher: all is confirmed in the end and nothing lost, also where it was connected there",
        arguments: [ClusterScript.leaderKilled, .connectedLeaderKilled]
    )
    func leaderKilled(script: ClusterScript) async throws {
        let cluster = try await SharedCluster.shared.cluster()
        var dice = Dice(seed: Laboratory.seed, for: script.rawValue)
        let order = cluster.nodes.shuffled(using: &dice)
        let leader = order[0]
        let queue = "leader-\(UInt32.random(in: 0...UInt32.max, using: &dice))"
        let topology = Topology(
            queues: [QueueDeclaration(queue, arguments: ["x-queue-type": "quorum"])]
        )
        // Declared over a connection to the node that shall lead, where 3.10 puts the leader.
        try await declare(topology, on: leader)
        let first = script == .connectedLeaderKilled ? order : Array(order[1...] + order[..<1])
        let publisher = Publisher(settings: try settings(first), topology: topology, logger: quietLogger)
        let probe = ConfirmProbe(publisher, exchange: "", routingKey: queue)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            defer { group.cancelAll() }
            async let publishing: Void = probe.run(rate: Self.rate)
            defer { probe.finish() }
            try await eventually("publishing is under way") { probe.confirmed.count > Self.rate }
            probe.forgetGaps()
            await leader.node.kill()
            let before = probe.confirmed.count
            try await eventually(
                within: .seconds(90),
                "confirms flow again; \(probe.confirmed.count - before) came, the publisher is \(publisher.status)"
            ) {
                probe.confirmed.count > before + 3 * Self.rate
            }
            let gap = Int(probe.longestGap / .milliseconds(1))
            probe.finish()
            try await publishing
            Laboratory.say(
                "fault \(script.rawValue) seed \(Laboratory.seed) green 0 s: longest gap between confirms \(gap) ms"
            )
        }
        try await leader.startAgain()
        try await cluster.isWhole()
        let kept = try await drained(queue, topology, from: order)
        #expect(probe.confirmed.subtracting(kept).isEmpty)
    }

    @Test("every node is restarted in turn under load: each order takes effect once, and no answer is a 5xx")
    func rollingRestart() async throws {
        let cluster = try await SharedCluster.shared.cluster()
        let round = Round(name: ClusterScript.rollingRestart.rawValue, rate: Self.rate)
        try await round.play(on: cluster.nodes) { stage in
            for node in cluster.nodes {
                await node.node.stop()
                try await stage.load.more(Self.rate)
                try await node.startAgain()
                try await cluster.isWhole()
                try await stage.load.more(Self.rate)
            }
        }
    }

    @Test("a frozen node, the one that everybody is connected to, stops nobody for good")
    func minorityFrozen() async throws {
        let cluster = try await SharedCluster.shared.cluster()
        let round = Round(name: ClusterScript.minorityFrozen.rawValue, rate: Self.rate)
        try await round.play(on: cluster.nodes) { stage in
            await cluster.nodes[0].node.pause()
            // Ten seconds: heartbeats give it up, the others elect new leaders.
            try await stage.load.more(10 * Self.rate)
            await cluster.nodes[0].node.resume()
            try await stage.load.more(Self.rate)
        }
        try await cluster.isWhole()
    }

    private func declare(_ topology: Topology, on node: BrokerNode) async throws {
        let inspector = Operator(settings: try settings([node]), logger: quietLogger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await inspector.run() }
            defer { group.cancelAll() }
            try await inspector.apply(topology, within: .seconds(60))
        }
    }

    /// The ids of everything in a queue.
    private func drained(
        _ queue: String,
        _ topology: Topology,
        from nodes: [BrokerNode]
    ) async throws -> Set<String> {
        let inspector = Operator(settings: try settings(nodes), logger: quietLogger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await inspector.run() }
            defer { group.cancelAll() }
            var ids: Set<String> = []
            while let delivery = try await inspector.get(from: queue, within: .seconds(60)) {
                ids.insert(delivery.properties.messageID ?? "no id")
                inspector.settle(delivery.tag, .acknowledge)
            }
            try await inspector.deleteQueue(queue, within: .seconds(30))
            return ids
        }
    }

    private func settings(_ nodes: [BrokerNode]) throws -> BrokerSettings {
        BrokerSettings(
            endpoints: try Endpoint.parseList(nodes.map(\.url).joined(separator: ",")),
            heartbeat: .seconds(2),
            connectionName: "cluster-tests"
        )
    }

    private var quietLogger: Logger {
        var logger = Logger(label: "cluster-tests")
        logger.logLevel = .critical
        return logger
    }
}

/// What happens to the nodes.
enum ClusterScript: String, CustomTestStringConvertible, Sendable {
    case leaderKilled = "cluster-leader-killed"
    case connectedLeaderKilled = "cluster-connected-leader-killed"
    case rollingRestart = "cluster-rolling-restart"
    case minorityFrozen = "cluster-minority-frozen"

    var testDescription: String { rawValue }
}

/// The cluster that the suite's tests share; it ends with the process.
actor SharedCluster {
    static let shared = SharedCluster()

    private var starting: Task<BrokerCluster, any Error>?

    func cluster() async throws -> BrokerCluster {
        if let starting { return try await starting.value }
        // Unstructured because several tests wait for one start, and none of them may cancel it for the others.
        let task = Task { try await BrokerCluster.start() }
        starting = task
        return try await task.value
    }
}
