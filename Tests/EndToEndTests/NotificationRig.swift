import Curl
import Database
import FoundationEssentials
import Glibc
import OrderEvents
import RabbitMQNode
import TestSupport
import Testing

/// The real `notification-worker` on a virtual host of its own of the suite's broker.
final class NotificationRig: Sendable {
    private struct Queue: Decodable {
        var name: String
        var messages: Int
    }

    let directory: TemporaryDirectory
    private let broker: BrokerNode
    private let host: String
    private let environment: [String: String]
    private let http = HTTPClient(connections: 8)

    private init(_ broker: BrokerNode, settings: [String: String]) throws {
        self.broker = broker
        directory = try TemporaryDirectory("notification")
        host = "notification-\(UInt32.random(in: 0...UInt32.max))"
        var url = broker.url[...]
        while url.last == "/" { url = url.dropLast() }
        let usual = [
            "RABBITMQ_URL": "\(url)/\(host)",
            "DATABASE_URL": "sqlite:\(directory.text(of: "notification.db"))",
            "LOG_FORMAT": "json", "RETRY_DELAYS": "200ms,1s,2s,3s,61s",
            "NOTIFICATION_FROM": "Läden <shop@x.example>",
            "CUSTOMERS_FILE": directory.text(of: "customers.csv"),
        ]
        environment = usual.merging(settings) { $1 }
    }

    /// Prepares a virtual host, hands it to the body, and always removes it.
    static func run<Result>(
        _ settings: [String: String],
        customers: String = "",
        _ body: (NotificationRig) async throws -> Result
    ) async throws -> Result {
        let rig = try NotificationRig(BrokerNode.current(), settings: settings)
        let lines = "user_id,name,email,phone,channel,language\n" + customers
        try Data(lines.utf8).write(to: URL(filePath: rig.directory.text(of: "customers.csv")))
        #expect(try await rig.management("PUT", "vhosts/\(rig.host)").status == 201)
        let all = #"{"configure": ".*", "write": ".*", "read": ".*"}"#
        let permitted =
            try await rig.management("PUT", "permissions/\(rig.host)/\(rig.broker.login.user)", all).status
        #expect([201, 204].contains(permitted))
        do {
            let result = try await body(rig)
            _ = try await rig.management("DELETE", "vhosts/\(rig.host)")
            return result
        } catch {
            _ = try await rig.management("DELETE", "vhosts/\(rig.host)")
            throw error
        }
    }

    /// Runs a worker while the body lasts.
    func worker<Result>(_ body: (ProgramUnderTest) async throws -> Result) async throws -> Result {
        try await ProgramUnderTest.with("notification-worker", environment: environment) { worker in
            _ = try await worker.line(containing: "notification-worker consume")
            return try await body(worker)
        }
    }

    private func management(
        _ method: String,
        _ path: String,
        _ body: String? = nil
    ) async throws -> HTTPResponse {
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

    /// Publishes an event as its service would.
    func publish(_ json: [UInt8], type: String = "order.created", id: String) async throws {
        struct Message: Encodable {
            var properties: [String: String]
            var routing_key = ""
            var payload: String
            var payload_encoding = "string"
        }
        let payload = String(decoding: json, as: UTF8.self)
        let message = Message(properties: ["message_id": id, "type": type], payload: payload)
        let body = String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
        let answer = try await management("POST", "exchanges/\(host)/orders.events/publish", body)
        guard answer.text.contains("true") else { throw NotInTime(description: answer.text) }
    }

    /// Publishes orders with the numbers given, each with an address of its own.
    func publishOrders(_ numbers: Range<Int>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for number in numbers where number % 8 == lane {
                        try await self.publish(Self.order(number).json(), id: "event-\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    static func order(_ number: Int, user: Int64 = 123, email: String?? = .none) -> OrderCreated {
        OrderCreated(
            id: "order-\(number)",
            userID: user,
            productID: 1,
            quantity: 2,
            price: Money(minorUnits: 99_999),
            total: Money(minorUnits: 199_998),
            createdAt: "2026-01-02T03:04:05.678Z",
            email: email ?? "customer-\(number)@x.example"
        )
    }

    /// Messages of every queue, those in a consumer's hands included, as the broker counts them now.
    func depths() async throws -> [String: Int] {
        let arguments = ["list_queues", "-p", host, "--formatter", "json", "name", "messages"]
        let queues = try await decode([Queue].self, broker.node.rabbitmqctl(arguments))
        return Dictionary(uniqueKeysWithValues: queues.map { ($0.name, $0.messages) })
    }

    /// Waits until the retry tiers are empty and so many messages are in the queue and in the dead letters.
    func depthsBecome(queue: Int, dead: Int = 0, within deadline: Duration = .seconds(60)) async throws {
        try await eventually(
            within: deadline,
            every: .milliseconds(200),
            "queue \(queue), dead \(dead), no retry"
        ) {
            let depths = try await depths()
            let retries = depths.filter { $0.key.contains(".retry.") }.values.reduce(0, +)
            let (waiting, buried) = (depths["notification"] ?? -1, depths["notification.dead"] ?? -1)
            guard waiting == queue, buried == dead, retries == 0 else {
                throw NotInTime(description: "\(depths)")
            }
            return true
        }
    }

    /// The errors of the dead letters.
    func deadLetters() async throws -> [DeadLetter] {
        let finished = try await ProgramUnderTest.run(
            "orderctl",
            ["dead-letters", "list", "notification", "--json"],
            environment: environment.filter { $0.key == "RABBITMQ_URL" }
                .merging(["UP_DIRECTORY": "/nonexistent"]) { $1 }
        )
        return try decode([DeadLetter].self, finished.output)
    }

    /// What the worker's admin HTTP answers.
    func admin(_ worker: ProgramUnderTest, _ path: String) async throws -> HTTPResponse {
        let line = try await worker.line(containing: "Admin listening")
        guard let port = line.firstMatch(of: /127\.0\.0\.1:([0-9]+)/) else {
            throw NotInTime(description: "no address in: \(line)")
        }
        return try await http.send(HTTPRequest("GET", "http://127.0.0.1:\(port.1)\(path)"))
    }

    /// Lets every claim be as old as one of a crash long ago.
    func ageClaims() async throws {
        let database = try Database.open(.sqlite(path: directory.text(of: "notification.db")), migrations: [])
        _ = try await database.write { try $0.execute("UPDATE notifications SET changed_at = 0") }
        database.close()
    }
}
