import Curl
import Database
import FoundationEssentials
import Logging
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing
import WorkQueue

/// One real worker on a virtual host of its own, an operator's publisher, and a way to look at what came of it.
final class FloodRig: Sendable {
    private let service: String
    private let publisher: Publisher
    private let inspector: Operator
    private let database: String
    private let worker: ProgramUnderTest
    private let http = HTTPClient(connections: 1)

    /// A worker holds at most 64 messages of 128 KiB of headers and a little body at once; this is far above.
    private static let mostMemory = 400 << 10

    private init(service: String, settings: BrokerSettings, database: String, worker: ProgramUnderTest) {
        self.service = service
        self.database = database
        self.worker = worker
        var logger = Logger(label: "flood")
        logger.logLevel = .critical
        publisher = Publisher(settings: settings, topology: Topology(), logger: logger)
        inspector = Operator(settings: settings, logger: logger)
    }

    /// Starts the worker, hands the rig to the body, and always removes everything.
    static func run(_ service: String, _ body: (FloodRig) async throws -> Void) async throws {
        let broker = try BrokerNode.current()
        let host = "flood-\(service)-\(UInt32.random(in: 0...UInt32.max))"
        let directory = try TemporaryDirectory("flood")
        let catalog = directory.text(of: "catalog.csv")
        try Data("product_id,name,stock\n1,A,1000000\n2,B,1000000\n3,C,1000000\n".utf8)
            .write(to: URL(filePath: catalog))
        _ = try await broker.node.rabbitmqctl(["add_vhost", host])
        _ = try await broker.node.rabbitmqctl([
            "set_permissions", "-p", host, broker.login.user, ".*", ".*", ".*",
        ])
        var url = broker.url[...]
        while url.last == "/" { url = url.dropLast() }
        let database = directory.text(of: "\(service).db")
        var environment = [
            "RABBITMQ_URL": "\(url)/\(host)", "DATABASE_URL": "sqlite:\(database)", "LOG_FORMAT": "json",
            "RETRY_DELAYS": "200ms,1s",
        ]
        if service == "inventory" { environment["CATALOG_FILE"] = catalog }
        try await ProgramUnderTest.with("\(service)-worker", environment: environment) { worker in
            _ = try await worker.line(containing: "\(service)-worker consume")
            let settings = BrokerSettings(
                endpoints: try Endpoint.parseList("\(url)/\(host)"),
                heartbeat: .seconds(30),
                connectionName: "flood"
            )
            let rig = FloodRig(service: service, settings: settings, database: database, worker: worker)
            try await rig.run(body)
        }
        _ = try await broker.node.rabbitmqctl(["delete_vhost", host])
    }

    private func run(_ body: (FloodRig) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [publisher] in try await publisher.run() }
            group.addTask { [inspector] in try await inspector.run() }
            defer { group.cancelAll() }
            try await body(self)
        }
    }

    /// Publishes through the default exchange into the service's own queue; returns when the broker has all of them.
    func publish(_ messages: [FloodMessage]) async throws {
        for start in stride(from: 0, to: messages.count, by: 500) {
            let chunk = messages[start..<min(start + 500, messages.count)]
                .map {
                    OutgoingMessage(
                        exchange: "",
                        routingKey: service,
                        properties: $0.properties,
                        body: $0.body
                    )
                }
            let outcomes = await publisher.publish(contentsOf: chunk, within: .seconds(60))
            guard outcomes.allSatisfy({ $0 == .confirmed }) else {
                throw NotInTime(description: "not confirmed: \(Set(outcomes.map(\.description)))")
            }
        }
    }

    /// Waits until the worker has settled so many messages, and none is left or on a detour.
    /// - Returns: What the worker counted, by outcome.
    func settled(_ count: Int) async throws -> [String: Int] {
        try await eventualValue(
            within: .seconds(60 + count / 100),
            every: .milliseconds(200),
            "\(service) has settled \(count) messages"
        ) {
            let outcomes = try await outcomes()
            let sum = outcomes.values.reduce(0, +)
            // A refusal is told to every service, and so comes back to the one that told it.
            guard sum >= count + (outcomes["rejected"] ?? 0) else {
                throw NotInTime(description: "\(outcomes)")
            }
            return outcomes
        }
    }

    private func outcomes() async throws -> [String: Int] {
        guard worker.process.exit == nil else { throw NotInTime(description: "the worker ended") }
        let line = try await worker.line(containing: "Admin listening")
        guard let port = line.firstMatch(of: /127\.0\.0\.1:([0-9]+)/) else {
            throw NotInTime(description: "no address in: \(line)")
        }
        let answer = try await http.send(HTTPRequest("GET", "http://127.0.0.1:\(port.1)/metrics"))
        let pattern = /worker_events_total\{outcome="([a-z_]+)",service="[a-z-]+"\} ([0-9]+)/
        return answer.text.matches(of: pattern)
            .reduce(into: [:]) { $0[String($1.1)] = Int($1.2) ?? 0 }
            // What comes again later ends in one of the other ways then.
            .filter { !["retried", "postponed", "requeued"].contains($0.key) }
    }

    /// Every dead letter; they stay where they are.
    func deadLetters() async throws -> [WorkQueue.DeadLetter] {
        // What the broker buries itself comes a moment after the worker has rejected it.
        let expected = try await outcomes()["dead_lettered"] ?? 0
        try await eventually("\(expected) dead letters") { [inspector, service] in
            try await inspector.queue("\(service).dead", within: .seconds(20))?.messages == expected
        }
        return try await DeadLetterQueue(service: service, broker: inspector).collect(DeadLetterFilter())
    }

    /// The ids of the events that the service has noted as handled.
    func handled(_ query: String) async throws -> [String] {
        let database = try Database.open(.sqlite(path: database), migrations: [])
        defer { database.close() }
        return try await database.read { try $0.query(query).map { try $0.text("event_id") } }
    }

    /// The worker lives, has used little memory, and every line of its log is one JSON object.
    func checkWorker() throws {
        #expect(worker.process.exit == nil)
        let status = FileManager.default.contents(atPath: "/proc/\(worker.process.pid)/status") ?? Data()
        let peak = String(decoding: status, as: UTF8.self).firstMatch(of: /VmHWM:\s+([0-9]+) kB/)
            .flatMap { Int($0.1) }
        #expect((peak ?? .max) < Self.mostMemory, "\(service) used \(peak ?? 0) KiB")
        struct Line: Decodable { var level: String }
        for line in worker.lines {
            #expect(throws: Never.self, "\(line.prefix(300))") {
                try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            }
        }
    }
}
