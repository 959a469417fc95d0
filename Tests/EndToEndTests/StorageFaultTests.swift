import Curl
import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

@Suite("Programs whose database hurts", .serialized, .privateBroker, .timeLimit(.minutes(4)))
struct StorageFaultTests {
    @Test(
        "a worker's events wait in the queue while its database is read-only, none is dead, then each takes effect once",
        .frozenFiles
    )
    func worker() async throws {
        let system = try LooseSystem()
        let service = try await system.start("order-service")
        // Without a breaker all would be dead after 100 ms.
        let worker = try await system.start("inventory-worker", ["RETRY_DELAYS": "50ms,50ms"])
        try await eventually("the worker is ready") {
            try await system.get("/health/ready", of: worker).status == 200
        }
        let address = try await system.address(of: service)
        try await FrozenFiles.with(database: system.databasePath(of: "inventory-worker")) {
            for number in 0..<40 {
                #expect(try await system.place("order-\(number)", at: address, product: 2).status == 201)
            }
            try await eventually("the breaker is open") {
                let ready = try await system.get("/health/ready", of: worker)
                return ready.status == 503 && ready.text.contains(#""database":"events wait: database "#)
            }
            let metrics = try await system.get("/metrics", of: worker).text
            #expect(metrics.contains(#"circuit_breaker_open{transport="database"} 1"#))
            #expect(metrics.contains(#"worker_events_total{outcome="retried",service="inventory"} 0"#))
            #expect(try await system.messages(in: "inventory.dead") == 0)
        }
        try await eventually("all are sold") {
            try await system.number(
                "SELECT COUNT(*) AS x FROM handled_events WHERE outcome = 'sold'",
                of: "inventory-worker"
            ) == 40
        }
        try await eventually("the worker is ready again") {
            try await system.get("/health/ready", of: worker).status == 200
        }
        #expect(try await system.messages(in: "inventory.dead") == 0)
        await worker.stop()
        await service.stop()
    }

    @Test(
        "a damaged file ends a program with 70, and is said plainly",
        arguments: ["order-service", "inventory-worker"]
    )
    func damaged(program: String) async throws {
        let directory = try TemporaryDirectory("damaged")
        let path = directory.text(of: "text.db")
        let garbage = Data(String(repeating: "no database ", count: 500).utf8)
        #expect(FileManager.default.createFile(atPath: path, contents: garbage))
        let finished = try await ProgramUnderTest.run(
            program,
            environment: [
                "DATABASE_URL": "sqlite:\(path)", "RABBITMQ_URL": "amqp://shop:topsecret@127.0.0.1:1/",
            ]
        )
        #expect(finished.exit == .code(70))
        #expect(finished.error.contains("database.url: sqlite:\(path) cannot be used: database corrupt"))
        #expect(finished.error.contains("restore it from a backup"))
        #expect(!(finished.error + finished.output).contains("topsecret"))
    }

    @Test(
        "a program waits for its database's directory to be writable, as while a disk is mounted",
        .frozenFiles
    )
    func lateDirectory() async throws {
        let system = try LooseSystem()
        var service: ProgramUnderTest?
        try await FrozenFiles.with([system.directory.text]) {
            let program = try await system.start("order-service")
            _ = try await program.line(containing: "The database cannot be used yet")
            service = program
        }
        let program = try #require(service)
        #expect(try await system.place("first", at: try await system.address(of: program)).status == 201)
        await program.stop()
    }
}
