import Database
import FoundationEssentials
import Logging
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing
import WorkQueue

/// The real `inventory-worker` on the suite's broker, started again whenever it ends.
struct CrashingMessageRig {
    let directory: TemporaryDirectory
    let publisher: Publisher
    let inspector: Operator

    private let environment: [String: String]
    private let retry: RetryPolicy

    /// Prepares a worker with this retry ladder; nothing is started yet.
    init(delays: [Duration]) throws {
        let directory = try TemporaryDirectory("crashing")
        self.directory = directory
        let broker = try BrokerNode.current()
        let settings = BrokerSettings(
            endpoints: try Endpoint.parseList(broker.url),
            connectionName: "end-to-end-tests"
        )
        retry = try RetryPolicy(delays: delays)
        let exchange = "orders.events"
        publisher = Publisher(settings: settings, topology: .events(exchange: exchange), logger: Self.quiet)
        inspector = Operator(settings: settings, logger: Self.quiet)
        environment = [
            "RABBITMQ_URL": broker.url, "LOG_FORMAT": "json", "ADMIN_PORT": "off",
            "DATABASE_URL": "sqlite:\(directory.text(of: "inventory.db"))",
            "CATALOG_FILE": directory.text(of: "catalog.csv"), "WORKER_PREFETCH": "100",
            "RETRY_DELAYS": delays.map { DelayText.text(for: $0) }.joined(separator: ","),
        ]
        try Data("product_id,name,stock\n1,Laptop,1000\n".utf8)
            .write(to: URL(filePath: directory.text(of: "catalog.csv")))
    }

    private static let quiet: Logger = {
        var logger = Logger(label: "end-to-end-tests")
        logger.logLevel = .critical
        return logger
    }()

    /// Runs the body beside the rig's connections, on empty queues.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { [publisher, inspector] group in
            group.addTask { try await publisher.run() }
            group.addTask { try await inspector.run() }
            defer { group.cancelAll() }
            for queue in ["inventory", "inventory.dead"] {
                try await inspector.deleteQueue(queue, within: .seconds(30))
            }
            let topology = Topology.service("inventory", of: "orders.events", retry: retry)
            try await inspector.apply(topology, within: .seconds(30))
            try await body()
        }
    }

    /// Publishes `event-1` and so on, one piece of product 1 each.
    func publish(_ count: Int) async throws {
        let messages = (1...count)
            .map { number in
                OutgoingMessage(
                    exchange: "orders.events",
                    routingKey: "",
                    properties: MessageProperties(
                        contentType: "application/json",
                        deliveryMode: .persistent,
                        messageID: "event-\(number)",
                        type: "order.created"
                    ),
                    body: Array(
                        (#"{"id":"order-\#(number)","user_id":1,"product_id":1,"quantity":1,"price":2,"#
                            + #""total":2,"currency":"USD","created_at":"2026-01-02T03:04:05.678Z"}"#)
                            .utf8
                    )
                )
            }
        let outcomes = await publisher.publish(contentsOf: messages, within: .seconds(60))
        #expect(outcomes.allSatisfy { $0.isConfirmed })
    }

    /// Starts the worker and waits for its end.
    func runToItsEnd(_ settings: [String: String]) async throws -> ChildProcess.Exit {
        let worker = try await ProgramUnderTest.start(
            "inventory-worker",
            environment: environment.merging(settings) { $1 }
        )
        do {
            let exit = try await worker.exit(within: .seconds(90))
            guard exit == .signal(9) else {
                throw NotInTime(description: "the worker ended with \(exit); it said:\n\(worker.transcript)")
            }
            return exit
        } catch {
            await worker.stop(within: .zero)
            throw error
        }
    }

    /// Keeps a worker running, started again whenever it ends, until the body returns.
    ///
    /// - Returns: How often it was started.
    func keeping(_ settings: [String: String], _ body: () async throws -> Void) async throws -> Int {
        let environment = environment.merging(settings) { $1 }
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var starts = 0
                while !Task.isCancelled {
                    let worker = try await ProgramUnderTest.start(
                        "inventory-worker",
                        environment: environment
                    )
                    starts += 1
                    _ = await worker.process.waitForExit()
                    await worker.stop(within: .zero)
                }
                return starts
            }
            do {
                try await body()
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            return try await group.next() ?? 0
        }
    }

    /// Waits until the broker has taken back what ended workers had: so many wait for a handler or an attempt.
    ///
    /// Else the next worker begins with another message, and none of them is counted as often.
    func awaitReturn(of count: Int) async throws {
        let names = ServiceNames("inventory")
        let queues = [names.queue, names.deadLetters] + retry.delays.map { names.tier($0) }
        try await eventually(every: .milliseconds(10), "\(count) messages wait") {
            var sum = 0
            for queue in queues { sum += try await ready(queue) ?? 0 }
            return sum == count
        }
    }

    func ready(_ queue: String) async throws -> Int? {
        try await inspector.queue(queue, within: .seconds(30))?.messages
    }

    func deadLetters() async throws -> [WorkQueue.DeadLetter] {
        let queue = DeadLetterQueue(service: "inventory", broker: inspector)
        let letters = try await queue.collect(DeadLetterFilter())
        queue.release(letters)
        return letters
    }

    /// What is left of product 1.
    func stock() async throws -> Int64 {
        let location = DatabaseLocation.sqlite(path: directory.text(of: "inventory.db"))
        let database = try Database.open(location, migrations: [])
        defer { database.close() }
        return try await database.read { transaction in
            try transaction.queryOne("SELECT stock FROM stock WHERE product_id = 1")?.integer("stock") ?? -1
        }
    }
}
