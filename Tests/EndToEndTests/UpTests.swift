import Curl
import FoundationEssentials
import Glibc
import RabbitMQNode
import TestSupport
import Testing

@Suite("orderctl up in unusual circumstances", .serialized, .privateBroker)
struct UpTests {
    private static let noWorkers = [
        "--inventory-workers", "0", "--notification-workers", "0", "--analytics-workers", "0",
    ]

    @Test(
        "uses a given broker and starts none, restarts a program that dies, ends what a killed up left running"
    )
    func leftovers() async throws {
        let broker = try BrokerNode.current()
        let environment = ["RABBITMQ_URL": broker.url, "MANAGEMENT_URL": broker.managementURL]
        let directory = try TemporaryDirectory("order-system")
        var left: [Int32] = []
        try await OrderSystem.run(Self.noWorkers, environment: environment, in: directory) { system in
            #expect(try system.state().processes.map(\.name) == ["order-service"])
            #expect(try system.state().rabbitmq == broker.url)
            #expect(try system.state().management == broker.managementURL)
            try await system.killAndAwaitRestart("order-service")
            left = try system.state().processes.map(\.pid)
            _ = await system.up.process.kill()
        }
        for pid in left { #expect(isRunning(pid)) }
        let stale = try await ProgramUnderTest.run(
            "orderctl",
            ["show", "some-order", "--directory", directory.text, "--order-service", "http://127.0.0.1:1"]
        )
        #expect(stale.exit == .code(69))
        try await OrderSystem.run(Self.noWorkers, environment: environment, in: directory) { system in
            for pid in left { #expect(!isRunning(pid)) }
            #expect(
                system.up.lines.contains {
                    $0.contains("Ended what a former `up` left running: order-service")
                }
            )
            system.up.process.send(SIGINT)
            let exit = try await system.up.exit()
            #expect(exit == .code(0))
        }
    }

    @Test("a program whose settings are bad is shown, and up gives up with 78")
    func badSettings() async throws {
        let directory = try TemporaryDirectory("order-system")
        let finished = try await ProgramUnderTest.run(
            "orderctl",
            ["up", "--directory", directory.text],
            environment: ["RABBITMQ_URL": try BrokerNode.current().url, "WORKER_PREFETCH": "many"]
        )
        #expect(finished.exit == .code(78))
        #expect(finished.output.contains("worker.prefetch"))
        #expect(!FileManager.default.fileExists(atPath: directory.text(of: "up.json")))
    }

    @Test("a count for a service that is not there is a usage error, and nothing starts")
    func unknownService() async throws {
        let directory = try TemporaryDirectory("order-system")
        let finished = try await ProgramUnderTest.run(
            "orderctl",
            ["up", "--directory", directory.text, "--workers", "nowhere=2"]
        )
        #expect(finished.exit == .code(64))
        #expect(finished.error.contains("nowhere-worker"))
    }

    @Test("a server that is frozen makes a request end at its deadline, with its outcome unknown")
    func frozenServer() async throws {
        let broker = try BrokerNode.current()
        await broker.node.pause()
        let request = HTTPRequest("GET", broker.managementURL, timeout: .seconds(1))
        let error = await #expect(throws: HTTPClientError.self) { try await HTTPClient().send(request) }
        #expect(error?.kind == .outcomeUnknown)
        await broker.node.resume()
        let nobody = HTTPRequest("GET", "http://127.0.0.1:1/", timeout: .seconds(1))
        let refused = await #expect(throws: HTTPClientError.self) { try await HTTPClient().send(nobody) }
        #expect(refused?.kind == .unreachable)
        #expect(refused?.advice == .retryLater)
    }
}
