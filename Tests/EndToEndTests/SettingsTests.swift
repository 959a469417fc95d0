import RabbitMQNode
import TestSupport
import Testing

@Suite("Programs with settings that cannot be used")
struct SettingsTests {
    @Test(
        "end with 78 and name every bad key at once, no value of a secret",
        arguments: ["order-service", "inventory-worker", "notification-worker", "analytics-worker"]
    )
    func badSettings(program: String) async throws {
        let finished = try await ProgramUnderTest.run(
            program,
            environment: [
                "RABBITMQ_URL": "http://admin:topsecret@example.test/",
                "DATABASE_URL": "mysql:topsecret",
                "LOG_LEVEL": "loud",
                program == "order-service" ? "HTTP_PORT" : "ADMIN_PORT": "70000",
            ]
        )
        #expect(finished.exit == .code(78))
        for key in [
            "rabbitmq.url", "database.url", "log.level",
            program == "order-service" ? "http.port" : "admin.port",
        ] {
            #expect(finished.error.contains(key), "\(key) is named")
        }
        #expect(!finished.error.contains("topsecret"))
    }

    @Test(
        "end with 64 for a flag that nobody knows",
        arguments: ["order-service", "inventory-worker", "orderctl"]
    )
    func unknownFlag(program: String) async throws {
        let finished = try await ProgramUnderTest.run(program, ["--no-such-flag", "1"])
        #expect(finished.exit == .code(64))
    }

    @Test("orderctl says what to do when nothing runs")
    func nothingRuns() async throws {
        let directory = try TemporaryDirectory()
        let elsewhere = ["--directory", directory.text]
        let submit = ["submit", "--user", "1", "--product", "1", "--quantity", "1", "--price", "1"]
        let nobody = try await ProgramUnderTest.run(
            "orderctl",
            submit + elsewhere + ["--order-service", "http://127.0.0.1:1"]
        )
        #expect(nobody.exit == .code(69))
        #expect(nobody.error.contains("is `orderctl up` running?"))
        let bad = try await ProgramUnderTest.run(
            "orderctl",
            ["topology", "check"] + elsewhere,
            environment: ["RABBITMQ_URL": "nonsense", "RETRY_DELAYS": "soon"]
        )
        #expect(bad.exit == .code(78))
        #expect(bad.error.contains("rabbitmq.url") && bad.error.contains("retry.delays"))
    }
}
