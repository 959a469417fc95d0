import Curl
import FoundationEssentials
import Glibc
import RabbitMQNode
import TestSupport
import Testing

@Suite("A newcomer starts the system and places an order", .serialized, .brokerInstalled)
struct FirstOrderTests {
    @Test(
        "the order is accepted, every service reacts, the broker has what the contract says, and all of it stops"
    )
    func firstOrder() async throws {
        try await OrderSystem.run { system in
            try await watchByThirdParty(system)
            try await placeFirstOrder(system)
            try checkScheduling(system)
            try await refuseBadInput(system)
            try await checkTopology(system)
            try await refuseSecondInstance(system)
            try await restartWorker(system)
            try await stop(system)
        }
    }

    /// A client that is not ours, bound to the exchange, gets the event with the contract's properties.
    private func watchByThirdParty(_ system: OrderSystem) async throws {
        for (path, body) in [
            ("queues/%2F/watcher", #"{"durable":true}"#), ("queues/%2F/plain-watcher", #"{"durable":true}"#),
        ] {
            #expect(try await system.management("PUT", path, body).status == 201)
        }
        for queue in ["watcher", "plain-watcher"] {
            let bound = try await system.management("POST", "bindings/%2F/e/orders.events/q/\(queue)", "{}")
            #expect(bound.status == 201)
        }
    }

    private func placeFirstOrder(_ system: OrderSystem) async throws {
        let response = try await system.place(#"{"user_id":123,"product_id":1,"quantity":2,"price":999.99}"#)
        #expect(response.status == 201)
        #expect(response.text.contains(#""total":1999.98"#))
        _ = try await system.up.line(containing: "📢 Published to 'order.created': {\"user_id\": 123")
        _ = try await system.up.line(containing: "Message: Your order of $1999.98 has been confirmed!")
        _ = try await system.up.line(containing: "📦 INVENTORY: Updated product 1")
        _ = try await system.up.line(containing: "Remaining stock: 48")
        #expect(try await system.stock(of: 1) == 48)
        let location = try #require(response.header("Location"))
        let id = try #require(location.split(separator: "/").last.map(String.init))
        let shown = try await system.orderctl("show", id, "--json")
        #expect(shown.exit == .code(0))
        #expect(shown.output.contains(#""state":"published""#))
        try await checkEvent(system, orderID: id)
    }

    /// No thread of ours interrupts another when it wakes.
    private func checkScheduling(_ system: OrderSystem) throws {
        for name in ["order-service", "inventory-worker-1", "notification-worker-1"] {
            let policies = try SchedulingPolicies.ofThreads(of: "\(system.pid(of: name))")
            #expect(policies == [SchedulingPolicies.batch], "\(name)")
        }
    }

    private func checkEvent(_ system: OrderSystem, orderID: String) async throws {
        let got = try await system.management(
            "POST",
            "queues/%2F/watcher/get",
            #"{"count":1,"ackmode":"ack_requeue_false","encoding":"auto"}"#
        )
        let message = try #require(decode([WatchedMessage].self, got.text).first)
        #expect(message.properties.content_type == "application/json")
        #expect(message.properties.delivery_mode == 2)
        #expect(message.properties.type == "order.created")
        #expect(message.properties.app_id == "order-service")
        #expect(message.properties.correlation_id == orderID)
        #expect(message.properties.headers.cloudEvents_specversion == "1.0")
        #expect(message.properties.headers.cloudEvents_id == message.properties.message_id)
        #expect(message.properties.headers.cloudEvents_source == "/order-service")
        #expect(message.properties.headers.cloudEvents_type == "order.created")
        #expect(message.properties.headers.cloudEvents_subject == orderID)
        #expect(message.properties.headers.cloudEvents_time.isEmpty == false)
        #expect(message.properties.headers.version == 1)
        #expect(message.payload.contains(#""user_id":123"#))
        let client = "/usr/bin/amqp-consume"
        guard FileManager.default.isExecutableFile(atPath: client) else { return }
        let url = try system.state().rabbitmq
        let consumed = try await ProgramUnderTest.run(
            client,
            ["--url", url, "--queue", "plain-watcher", "--count", "1", "cat"],
            within: .seconds(20)
        )
        #expect(consumed.exit == .code(0))
        #expect(consumed.output == message.payload)
    }

    private func refuseBadInput(_ system: OrderSystem) async throws {
        let response = try await system.place(#"{"user_id":0,"product_id":"x","quantity":0,"price":1.234}"#)
        #expect(response.status == 422)
        #expect(response.header("Content-Type")?.hasPrefix("application/problem+json") == true)
        for field in ["user_id", "product_id", "quantity", "price"] {
            #expect(response.text.contains("\"field\":\"\(field)\""), "the answer names \(field)")
        }
    }

    private func checkTopology(_ system: OrderSystem) async throws {
        let exchange = try await system.management("GET", "exchanges/%2F/orders.events")
        #expect(exchange.text.contains(#""type":"fanout""#) && exchange.text.contains(#""durable":true"#))
        let good = try await system.orderctl("topology", "check")
        #expect(good.exit == .code(0), "\(good.output)\(good.error)")
        #expect(
            try await system.management("DELETE", "bindings/%2F/e/orders.events/q/analytics/~").status == 204
        )
        #expect(try await system.management("DELETE", "queues/%2F/inventory.dead").status == 204)
        _ = try await system.management("PUT", "queues/%2F/inventory.dead", #"{"durable":true}"#)
        let bad = try await system.orderctl("topology", "check", "--json")
        #expect(bad.exit == .code(1))
        #expect(bad.output.contains("binding of analytics to orders.events"))
        #expect(
            bad.output.contains(#"{"expected":"\"quorum\"","found":"absent","object":"queue inventory.dead""#)
        )
        _ = try await system.management("DELETE", "queues/%2F/inventory.dead")
        #expect(try await system.orderctl("topology", "apply").exit == .code(0))
        #expect(try await system.orderctl("topology", "check").exit == .code(0))
    }

    private func refuseSecondInstance(_ system: OrderSystem) async throws {
        let second = try await system.orderctl("up")
        #expect(second.exit == .code(1))
        #expect(second.error.contains("already running"))
        #expect(try system.state().processes.count == 5)
    }

    private func restartWorker(_ system: OrderSystem) async throws {
        try await system.killAndAwaitRestart("analytics-worker-1")
        #expect(try system.state().processes.count == 5)
    }

    private func stop(_ system: OrderSystem) async throws {
        let pids = try system.state().processes.map(\.pid)
        let records = try recordedPids(system)
        #expect(records.count == pids.count + 1, "the port mapper is recorded too")
        system.up.process.send(SIGTERM)
        #expect(try await system.up.exit() == .code(0))
        for pid in pids + records { #expect(!isRunning(pid)) }
        #expect(!FileManager.default.fileExists(atPath: system.directory.text(of: "up.json")))
        let path = system.directory.text(of: "inventory.db")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        // Orders are personal data: the owner's alone, 0600.
        #expect(attributes[.posixPermissions].map { "\($0)" } == "\(0o600)")
    }

    private func recordedPids(_ system: OrderSystem) throws -> [Int32] {
        struct Record: Decodable { var pid: Int32 }
        let data = try Data(contentsOf: URL(filePath: system.directory.text(of: "processes.json")))
        return try JSONDecoder().decode([Record].self, from: data).map(\.pid)
    }
}

/// A message as the management API hands it out.
private struct WatchedMessage: Decodable {
    struct Properties: Decodable {
        var content_type: String?
        var delivery_mode: Int?
        var message_id: String?
        var type: String?
        var app_id: String?
        var correlation_id: String?
        var headers: Headers
    }
    struct Headers: Decodable {
        var cloudEvents_specversion: String
        var cloudEvents_id: String
        var cloudEvents_source: String
        var cloudEvents_type: String
        var cloudEvents_subject: String
        var cloudEvents_time: String
        var version: Int

        enum CodingKeys: String, CodingKey {
            case cloudEvents_specversion, cloudEvents_id, cloudEvents_source, cloudEvents_type
            case cloudEvents_subject, cloudEvents_time
            case version = "event-version"
        }
    }
    var properties: Properties
    var payload: String
}
