import Curl
import Database
import FoundationEssentials
import TestSupport

/// Programs started one by one on the suite's broker, each with its usual database in one directory.
struct LooseSystem: Sendable {
    let directory: TemporaryDirectory
    let broker: BrokerNode
    let http = HTTPClient(connections: 16)

    init() throws {
        directory = try TemporaryDirectory("loose-system")
        broker = try BrokerNode.current()
    }

    /// Starts a program; waits for nothing.
    func start(_ program: String, _ settings: [String: String] = [:]) async throws -> ProgramUnderTest {
        let usual = [
            "RABBITMQ_URL": broker.url, "LOG_FORMAT": "json", "HTTP_PORT": "0",
            "UP_DIRECTORY": directory.text(of: "none"),
            "DATABASE_URL": "sqlite:\(databasePath(of: program))",
        ]
        return try await ProgramUnderTest.start(program, environment: usual.merging(settings) { $1 })
    }

    func databasePath(of program: String) -> String {
        // In a directory that the first program makes.
        directory.text(of: "data/\(program.replacing("-worker", with: "")).db")
    }

    /// Where a program listens.
    func address(of program: ProgramUnderTest) async throws -> String {
        let line = try await program.line(containing: "istening")
        guard let port = line.firstMatch(of: /127\.0\.0\.1:([0-9]+)/) else {
            throw NotInTime(description: "no address in \(line)")
        }
        return "http://127.0.0.1:\(port.1)"
    }

    /// Asks a program for one of its pages.
    func get(_ path: String, of program: ProgramUnderTest) async throws -> HTTPResponse {
        try await http.send(HTTPRequest("GET", try await address(of: program) + path))
    }

    /// Places an order under a key.
    func place(_ key: String, at address: String, product: Int = 1) async throws -> HTTPResponse {
        try await http.send(
            HTTPRequest(
                "POST",
                "\(address)/orders",
                headers: [("Content-Type", "application/json"), ("Idempotency-Key", key)],
                body: Array(#"{"user_id":1,"product_id":\#(product),"quantity":1,"price":1.25}"#.utf8)
            )
        )
    }

    /// The one number that a statement says about a program's database.
    func number(_ sql: String, of program: String) async throws -> Int {
        try await rows(sql, of: program).first.flatMap { Int($0) } ?? 0
    }

    /// The first column of every row, as text.
    func rows(_ sql: String, of program: String) async throws -> [String] {
        let database = try Database.open(.sqlite(path: databasePath(of: program)), migrations: [])
        defer { database.close() }
        return try await database.read { transaction in
            try transaction.query("SELECT CAST(x AS TEXT) AS x FROM (\(sql))").map { try $0.text("x") }
        }
    }

    /// Talks to the broker's management API.
    func management(_ method: String, _ path: String, _ body: String? = nil) async throws -> HTTPResponse {
        try await http.send(
            HTTPRequest(
                method,
                "\(broker.managementURL)/api/\(path)",
                headers: [("Content-Type", "application/json")],
                body: body.map { Array($0.utf8) },
                login: broker.login
            )
        )
    }

    /// Has every event copied to a queue of this name from now on.
    func tap(_ queue: String) async throws {
        try await eventually("the exchange is there") {
            try await management("GET", "exchanges/%2F/orders.events").status == 200
        }
        let arguments = #"{"durable":true,"arguments":{"x-queue-type":"quorum"}}"#
        _ = try await management("PUT", "queues/%2F/\(queue)", arguments)
        let bound = try await management("POST", "bindings/%2F/e/orders.events/q/\(queue)", "{}")
        guard bound.status == 201 else { throw NotInTime(description: "not bound: \(bound.text)") }
    }

    /// The ids of the events in a queue, in its order; takes them out.
    func eventIDs(in queue: String) async throws -> [String] {
        struct Message: Decodable {
            struct Properties: Decodable { var message_id: String }
            var properties: Properties
        }
        let wish = #"{"count":100000,"ackmode":"ack_requeue_false","encoding":"auto"}"#
        let answer = try await management("POST", "queues/%2F/\(queue)/get", wish)
        return try decode([Message].self, answer.text).map(\.properties.message_id)
    }

    /// How many messages a queue has; 0 where there is none.
    func messages(in queue: String) async throws -> Int {
        struct Queue: Decodable { var messages: Int? }
        let answer = try await management("GET", "queues/%2F/\(queue)")
        return answer.status == 404 ? 0 : try decode(Queue.self, answer.text).messages ?? 0
    }
}
