import Curl
import FoundationEssentials
import RabbitMQNode
import TestSupport
import Testing

/// The real `inventory-worker` with settings of the test, on the suite's broker.
struct FilterRig {
    let directory: TemporaryDirectory
    let broker: BrokerNode
    private let http = HTTPClient(connections: 4)

    init() throws {
        directory = try TemporaryDirectory("filter")
        broker = try BrokerNode.current()
    }

    private var environment: [String: String] {
        [
            "RABBITMQ_URL": broker.url, "LOG_FORMAT": "json", "UP_DIRECTORY": directory.text(of: "none"),
            "DATABASE_URL": "sqlite:\(directory.text(of: "inventory.db"))",
        ]
    }

    /// Starts a worker, waits until it takes events, hands it to the body, and always ends it.
    func withWorker(
        _ settings: [String: String],
        _ body: (ProgramUnderTest) async throws -> Void
    ) async throws {
        try await ProgramUnderTest.with(
            "inventory-worker",
            environment: environment.merging(settings) { $1 }
        ) { worker in
            try await eventually(within: .seconds(60), "the worker is ready; it said:\n\(worker.transcript)")
            {
                try await admin(worker, "/health/ready").status == 200
            }
            try await body(worker)
        }
    }

    func orderctl(_ arguments: String...) async throws -> FinishedProgram {
        try await ProgramUnderTest.run(
            "orderctl",
            arguments + ["--management-url", broker.managementURL],
            environment: environment
        )
    }

    /// Publishes an order's event, as the order service would, and says whether a queue took it.
    func publish(
        _ number: Int,
        product: Int,
        total: String,
        type: String = "order.created"
    ) async throws -> Bool {
        struct Answer: Decodable { var routed: Bool }
        let body =
            #"{\"id\":\"order-\#(number)\",\"user_id\":\#(number),\"product_id\":\#(product),\"quantity\":1,"#
            + #"\"price\":\#(total),\"total\":\#(total),\"currency\":\"USD\",\"created_at\":\"2026-01-02T03:04:05.678Z\"}"#
        let request = """
            {"routing_key":"","payload_encoding":"string","payload":"\(body)","properties":{"delivery_mode":2,\
            "message_id":"event-\(number)","type":"\(type)","content_type":"application/json",\
            "headers":{"cloudEvents_id":"event-\(number)","cloudEvents_type":"\(type)"}}}
            """
        let answer = try await http.send(
            HTTPRequest(
                "POST",
                "\(broker.managementURL)/api/exchanges/%2F/orders.events/publish",
                headers: [("Content-Type", "application/json")],
                body: Array(request.utf8),
                login: broker.login
            )
        )
        guard answer.status == 200 else { throw NotInTime(description: "\(answer.status): \(answer.text)") }
        return try decode(Answer.self, answer.text).routed
    }

    /// How many events left the worker in this way.
    func count(_ outcome: String, _ worker: ProgramUnderTest) async throws -> Int {
        let lines = try await admin(worker, "/metrics").text.split(separator: "\n")
        let line = lines.first {
            $0.hasPrefix("worker_events_total{") && $0.contains(#"outcome="\#(outcome)""#)
        }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }.map { Int($0) } ?? 0
    }

    private func admin(_ worker: ProgramUnderTest, _ path: String) async throws -> HTTPResponse {
        let line = try await worker.line(containing: "Admin listening")
        let port = try #require(line.firstMatch(of: /127\.0\.0\.1:([0-9]+)/))
        return try await http.send(HTTPRequest("GET", "http://127.0.0.1:\(port.1)\(path)"))
    }
}
