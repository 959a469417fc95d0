import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

@Suite("A private RabbitMQ node", .privateBroker, .serialized)
struct NodeTests {
    @Test("answers AMQP logins and rabbitmqctl on its own ports")
    func answers() async throws {
        let broker = try BrokerNode.current()
        let status = try await broker.node.rabbitmqctl(["list_users"])
        #expect(status.contains("operator") && status.contains("inventory"))
        #expect(!status.contains("guest"))
    }

    @Test("comes back on the same data and ports after SIGKILL")
    func survivesKill() async throws {
        let broker = try BrokerNode.current()
        let before = try #require(await broker.node.pid)
        await broker.node.kill()
        #expect(await broker.node.pids.isEmpty)
        try await broker.startAgain()
        let after = try #require(await broker.node.pid)
        #expect(after != before)
    }

    @Test("leaves no process behind when it stops, even while frozen")
    func stopsFrozen() async throws {
        let broker = try BrokerNode.current()
        let pids = await broker.node.pids
        #expect(pids.count == 2)
        await broker.node.pause()
        await broker.node.stop()
        for pid in pids {
            #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)"))
        }
    }
}
