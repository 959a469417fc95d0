import Curl
import FoundationEssentials
import Glibc
import RabbitMQNode
import TestSupport
import Testing

@Suite("Many dead letters, and an up that was killed", .serialized, .privateBroker)
struct DeadLetterTests {
    private struct Done: Decodable {
        var done: Int
    }

    /// Runs `orderctl` on the suite's broker.
    private func orderctl(_ arguments: String...) async throws -> FinishedProgram {
        try await ProgramUnderTest.run(
            "orderctl",
            arguments,
            environment: ["RABBITMQ_URL": try BrokerNode.current().url, "UP_DIRECTORY": "/nonexistent"]
        )
    }

    private func bury(_ count: Int, of service: String) async throws {
        #expect(try await orderctl("topology", "apply", service).exit == .code(0))
        let http = HTTPClient()
        for number in 1...count {
            let message = #"{"properties":{"message_id":"m\#(number)"},"routing_key":"dead","payload":"{}","#
            let request = HTTPRequest(
                "POST",
                try BrokerNode.current().managementURL + "/api/exchanges/%2F/\(service).failures/publish",
                headers: [("Content-Type", "application/json")],
                body: Array((message + #""payload_encoding":"string"}"#).utf8),
                login: try BrokerNode.current().login
            )
            #expect(try await http.send(request).text.contains("true"))
        }
    }

    @Test("each of many letters that was thrown away or replayed is gone, none comes back")
    func many() async throws {
        for (service, command) in [("bin", "discard"), ("again", "replay")] {
            try await bury(150, of: service)
            var arguments = ["dead-letters", command, service, "--json"]
            if command == "discard" { arguments.append("--all") }
            let finished = try await ProgramUnderTest.run(
                "orderctl",
                arguments,
                environment: ["RABBITMQ_URL": try BrokerNode.current().url, "UP_DIRECTORY": "/nonexistent"]
            )
            #expect(try decode(Done.self, finished.output).done == 150)
            let left = try await orderctl("dead-letters", "list", service, "--json")
            #expect(try decode([DeadLetter].self, left.output).count == 0, "\(command)")
        }
    }

    @Test("what a killed up said about itself is taken back before its processes are ended")
    func staleFile() async throws {
        let broker = try BrokerNode.current()
        let environment = ["RABBITMQ_URL": broker.url, "MANAGEMENT_URL": broker.managementURL]
        let none = [
            "--inventory-workers", "0", "--notification-workers", "0", "--analytics-workers", "0",
        ]
        let directory = try TemporaryDirectory("order-system")
        var left: Int32 = 0
        try await OrderSystem.run(none, environment: environment, in: directory) { system in
            left = try system.pid(of: "order-service")
            _ = await system.up.process.kill()
        }
        // Frozen, it does not see SIGTERM: the next `up` waits 10 s for it.
        kill(left, SIGSTOP)
        let arguments = ["up", "--directory", directory.text] + none
        try await ProgramUnderTest.with("orderctl", arguments, environment: environment) { up in
            try await eventually("the old file is gone") {
                !FileManager.default.fileExists(atPath: directory.text(of: "up.json"))
            }
            #expect(isRunning(left))
            _ = try await up.line(containing: "Everything is ready", within: .seconds(60))
            #expect(!isRunning(left))
            up.process.send(SIGTERM)
            #expect(try await up.exit() == .code(0))
        }
    }
}
