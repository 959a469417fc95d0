import FoundationEssentials
import RabbitMQNode
import SystemPackage
import TestSupport
import Testing

/// What the one-shot services of compose.yaml do, without containers.
@Suite("Logins for a broker elsewhere", .serialized, .brokerInstalled)
struct LoginFolderTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory("logins")
    }

    /// Runs a program as the image does, with the login in its folder.
    private func entry(_ user: String, _ settings: [String: String] = [:]) -> [String: String] {
        let usual = [
            "RABBITMQ_URL_FILE": folder.text(of: "\(user)/url"), "UP_DIRECTORY": folder.text(of: "none"),
            "PATH": "\(PackageLayout.programs):/usr/bin:/bin", "LOG_FORMAT": "json",
        ]
        return usual.merging(settings) { $1 }
    }

    private let script = PackageLayout.configuration.appending("container").appending("entry").string

    @Test("the broker imports the hashes, the operator declares, and a worker that waits for it goes on")
    func compose() async throws {
        let ports = try NodePorts.free()
        let made = try await ProgramUnderTest.run(
            "orderctl",
            ["broker", "logins", "--into", folder.text, "--address", "127.0.0.1:\(ports.amqp)"]
        )
        #expect(made.exit == .code(0), "\(made.error)")
        for name in ["rabbitmq.conf", "enabled_plugins"] {
            try FileManager.default.copyItem(
                atPath: "\(PackageLayout.configuration)/rabbitmq/\(name)",
                toPath: folder.text(of: "broker/\(name)")
            )
        }
        let logins = try #require(
            try BrokerLogins.read(FilePath(folder.text(of: "operator/logins.json")))
        )
        let broker = try await BrokerNode.start(
            in: folder.path.appending("node"),
            configuration: folder.path.appending("broker"),
            ports: ports,
            logins: logins
        )
        do {
            try await work(broker)
        } catch {
            await broker.stop()
            throw error
        }
        await broker.stop()
    }

    private func work(_ broker: BrokerNode) async throws {
        let settings = [
            "RABBITMQ_TOPOLOGY": "verify", "DATABASE_URL": "sqlite:\(folder.text(of: "inventory.db"))",
        ]
        let environment = entry("inventory", settings)
        try await ProgramUnderTest.with(script, ["inventory-worker"], environment: environment) { worker in
            _ = try await worker.line(containing: "is missing: orderctl topology apply inventory")
            let applied = try await ProgramUnderTest.run(
                script,
                ["orderctl", "topology", "apply"],
                environment: entry("operator")
            )
            #expect(applied.exit == .code(0), "\(applied.error)")
            _ = try await worker.line(containing: "Broker connection established")
            let password = try #require(broker.password(of: "inventory"))
            #expect(!(worker.lines + worker.errorLines).contains { $0.contains(password) })
            let doctor = try await ProgramUnderTest.run(
                script,
                ["orderctl", "doctor", "--management-url", broker.managementURL],
                environment: entry("operator")
            )
            #expect(doctor.output.contains("each service's may do its own work and nothing else"))
            let refused = try await ProgramUnderTest.run(
                script,
                ["orderctl", "topology", "apply", "analytics"],
                environment: entry("inventory")
            )
            #expect(refused.exit == .code(1))
            #expect(refused.error.contains("ACCESS_REFUSED"), "\(refused.error)")
        }
    }
}
