import RabbitMQNode
import TestSupport
import Testing

@Suite("orderctl doctor on a real broker", .serialized, .privateBroker)
struct DoctorTests {
    private struct Finding: Decodable {
        var check: String
        var state: String
        var detail: String
        var remedy: String?
    }

    private func orderctl(_ arguments: String...) async throws -> FinishedProgram {
        try await ProgramUnderTest.run(
            "orderctl",
            arguments,
            environment: [
                "RABBITMQ_URL": try BrokerNode.current().url,
                "MANAGEMENT_URL": try BrokerNode.current().managementURL,
                "ORDER_SERVICE_URL": "http://127.0.0.1:1", "UP_DIRECTORY": "/nonexistent",
            ]
        )
    }

    private func problems() async throws -> [Finding] {
        let finished = try await orderctl("doctor", "inventory", "--json")
        #expect(finished.exit == .code(1))
        return try decode([Finding].self, finished.output).filter { $0.state == "problem" }
    }

    @Test("it names what is missing and how to mend it, and is content once that was done")
    func mended() async throws {
        let before = try await problems()
        #expect(before.contains { $0.check == "queue inventory" && $0.detail == "is missing" })
        #expect(before.contains { $0.check == "order service" })
        #expect(before.allSatisfy { $0.remedy?.isEmpty == false })

        #expect(try await orderctl("topology", "apply", "inventory").exit == .code(0))
        let after = try await problems()
        #expect(after.map(\.check) == ["order service"])
        #expect(after.first?.detail == "does not answer at http://127.0.0.1:1")

        let text = try await orderctl("doctor", "inventory")
        #expect(text.output.contains("✓ broker version"))
        #expect(text.output.contains("→ start it with `orderctl up`"))
    }
}
