import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import OrderCtl

@Suite("What up decides before it starts anything")
struct PlanTests {
    @Test("one worker of each service that has settings, unless told otherwise")
    func workerNames() throws {
        var counts = WorkerCounts()
        counts.set(3, for: "inventory")
        counts.set(0, for: "analytics")
        counts.set(nil, for: "notification")
        let configured = ["analytics", "inventory", "notification"]
        let built = ["analytics", "inventory", "loyalty", "notification"]
        #expect(
            try counts.names(for: configured, among: built).map(\.name) == [
                "inventory-worker-1", "inventory-worker-2", "inventory-worker-3", "notification-worker-1",
            ]
        )
        counts.set(2, for: "loyalty")
        #expect(
            try counts.names(for: configured, among: built).map(\.name).suffix(3) == [
                "loyalty-worker-1", "loyalty-worker-2", "notification-worker-1",
            ]
        )
    }

    @Test("the broker gets its usual ports, or those that the remarks name")
    func ports() throws {
        let directory = try TemporaryDirectory()
        let program = directory.text(of: "order-service")
        let mode = [FileAttributeKey.posixPermissions: 0o700]
        #expect(FileManager.default.createFile(atPath: program, contents: nil, attributes: mode))
        let plan = try UpPlan.make(
            directory: directory.path.appending("run"),
            counts: WorkerCounts(),
            folder: ProgramFolder(path: directory.path),
            environment: [:],
            current: PackageLayout.root
        )
        func announced(_ usual: Int, _ what: String) -> String {
            let words = "Port \(usual) is taken; \(what) uses "
            let remark = plan.remarks.first { $0.hasPrefix(words) }
            return remark.map { String($0.dropFirst(words.count).dropLast()) } ?? "\(usual)"
        }
        #expect(plan.broker.url.hasSuffix("@127.0.0.1:\(announced(5_672, "RabbitMQ"))"))
        #expect(plan.broker.management.hasSuffix(":\(announced(15_672, "the management UI"))"))
        #expect(plan.orderService.hasSuffix(":\(announced(8_001, "the order service"))"))
    }

    @Test("a worker without settings is known but not started; settings without a worker are nothing")
    func services() throws {
        let directory = try TemporaryDirectory()
        for name in ["b-worker", "a-worker", "worker", "-worker", "c-worker.yaml"] {
            let path = directory.text(of: name)
            let mode = [FileAttributeKey.posixPermissions: name.hasSuffix("yaml") ? 0o600 : 0o700]
            #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: mode))
        }
        #expect(FileManager.default.createFile(atPath: directory.text(of: "b-worker.yaml"), contents: nil))
        let folder = ProgramFolder(path: directory.path)
        #expect(folder.builtServices() == ["a", "b"])
        #expect(folder.services(configuredIn: directory.path) == ["b"])
        #expect(ProgramFolder(path: PackageLayout.programs).builtServices().contains("loyalty"))
        #expect(
            ProgramFolder(path: PackageLayout.programs).services(configuredIn: PackageLayout.configuration)
                == [
                    "analytics", "inventory", "notification",
                ]
        )
    }

    @Test("a count for a service that is not there is refused as usage")
    func unknownService() {
        var counts = WorkerCounts()
        counts.set(2, for: "shipping")
        let error = #expect(throws: CommandError.self) { try counts.names(for: [], among: ["inventory"]) }
        #expect(error?.code == 64)
    }

    @Test(
        "counts are written service=N",
        arguments: ["inventory", "inventory=", "=2", "a=-1", "a=65", "a=1=2", "a=b"]
    )
    func badCounts(text: String) {
        #expect(WorkerCount(argument: text) == nil)
        #expect(WorkerCount(argument: "loyalty=2") == WorkerCount(argument: "loyalty=2"))
        #expect(WorkerCount(argument: "loyalty=2")?.count == 2)
    }

    @Test("each service has its own database, unless all share a PostgreSQL server")
    func databases() {
        let own = environment(["PATH": "/bin", "DATABASE_URL": "sqlite:elsewhere.db"])
        #expect(own.worker(of: "inventory")["DATABASE_URL"] == "sqlite:/state/inventory.db")
        #expect(own.orderService(port: 8_001)["DATABASE_URL"] == "sqlite:/state/order-service.db")
        #expect(own.orderService(port: 8_001)["HTTP_PORT"] == "8001")
        #expect(own.worker(of: "inventory")["PATH"] == "/bin")
        let admin = environment(["ADMIN_PORT": "9000", "ADMIN_HOST": "10.0.0.1"]).worker(of: "inventory")
        #expect(admin["ADMIN_PORT"] == nil, "one port cannot serve several workers")
        #expect(admin["ADMIN_HOST"] == nil, "up asks at 127.0.0.1")
        let everywhere = environment(["ADMIN_HOST": "0.0.0.0"]).worker(of: "inventory")
        #expect(everywhere["ADMIN_HOST"] == "0.0.0.0")
        let shared = environment(["DATABASE_URL": "postgres://somewhere/orders"])
        #expect(shared.worker(of: "inventory")["DATABASE_URL"] == "postgres://somewhere/orders")
    }

    @Test("what the user said about logs and mails stays")
    func inherited() {
        let usual = environment([:]).worker(of: "notification")
        #expect(usual["LOG_FORMAT"] == "pretty")
        #expect(usual["NOTIFICATION_DIRECTORY"] == "/state/mail")
        #expect(usual["RABBITMQ_URL"] == "amqp://broker")
        let chosen = environment(["LOG_FORMAT": "json", "NOTIFICATION_DIRECTORY": "/mails"])
            .worker(of: "notification")
        #expect(chosen["LOG_FORMAT"] == "json")
        #expect(chosen["NOTIFICATION_DIRECTORY"] == "/mails")
    }

    private func environment(_ inherited: [String: String]) -> ChildEnvironment {
        ChildEnvironment(
            inherited: inherited,
            directory: "/state",
            configuration: "/package/Config",
            broker: .given(url: "amqp://broker", management: "http://broker")
        )
    }

    @Test("delays double up to 30 s and begin anew after a healthy run")
    func restarts() {
        var policy = RestartPolicy()
        let delays = (0..<9).map { _ in policy.ended(after: .seconds(1), roll: 1) }
        #expect(delays.prefix(4) == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        #expect(delays.last == .seconds(30))
        #expect(policy.ended(after: .seconds(31), roll: 1) == .milliseconds(500))
        #expect(policy.ended(after: .seconds(31), roll: 0) == .milliseconds(250))
    }

    @Test("a process is told apart by when it started, whatever its name")
    func processRecords() {
        let fields = (4...21).map(String.init).joined(separator: " ")
        #expect(ProcessRecord.startTicks(inStat: "12 (a) b) S \(fields) 4711 23") == 4_711)
        #expect(ProcessRecord.startTicks(inStat: "12 (ended) Z \(fields) 4711 23") == nil)
        #expect(ProcessRecord.startTicks(inStat: "nonsense") == nil)
    }
}
