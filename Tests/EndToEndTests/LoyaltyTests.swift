import Curl
import Database
import Glibc
import RabbitMQNode
import TestSupport
import Testing

@Suite("A service of twenty lines", .serialized, .brokerInstalled)
struct LoyaltyTests {
    private static let alone = [
        "--workers", "loyalty=2", "--inventory-workers", "0", "--notification-workers", "0",
        "--analytics-workers", "0",
    ]

    @Test("it runs in two instances, tries again, dead-letters, counts, and applies each event once")
    func wholeService() async throws {
        try await OrderSystem.run(Self.alone, environment: ["RETRY_DELAYS": "300ms,600ms,2s,4s"]) { system in
            try await share(200, system)
            try await deadLetter(system)
            try await tryAgain(system)
            try await comeTwice(system)
        }
    }

    private func share(_ count: Int, _ system: OrderSystem) async throws {
        for number in 0..<count { try await place(user: number % 3 + 1, quantity: 2, system) }
        try await eventually("every order has its points") { try await points(system) == count * 2 }
        for process in try system.state().processes where process.name.hasPrefix("loyalty") {
            let own = try await system.outcomes(at: try #require(process.admin))
            #expect((own["done"] ?? 0) > 0, "\(process.name) has a share of the work")
        }
        #expect(try await system.outcomes(of: "loyalty")["done"] == count)
    }

    private func deadLetter(_ system: OrderSystem) async throws {
        let before = try await points(system)
        try await place(user: 1, quantity: 1_001, system)
        try await eventually("the reseller's order is dead") {
            try await system.outcomes(of: "loyalty")["dead_lettered"] == 1
        }
        let dead = try #require(try await system.deadLetters(of: "loyalty").first)
        #expect(dead.reason == "permanent")
        #expect(dead.error == "a reseller's order: a person decides")
        #expect(try await points(system) == before)
    }

    /// Somebody takes the table away for a while: the store's error becomes another attempt by itself.
    private func tryAgain(_ system: OrderSystem) async throws {
        let before = try await points(system)
        try await system.change("loyalty", "ALTER TABLE points RENAME TO points_elsewhere")
        try await place(user: 9, quantity: 7, system)
        let line = try await system.up.line(containing: "Event scheduled for retry")
        #expect(line.contains("no such table: points"))
        try await system.change("loyalty", "ALTER TABLE points_elsewhere RENAME TO points")
        try await eventually("the order has its points") { try await points(system) == before + 7 }
        #expect(try await system.outcomes(of: "loyalty")["retried"] ?? 0 > 0)
    }

    private func comeTwice(_ system: OrderSystem) async throws {
        let before = try await points(system)
        let done = try await system.outcomes(of: "loyalty")["done"] ?? 0
        for order in try await system.recordedOrders().prefix(20) { try await system.publishAgain(order) }
        try await eventually("the repeats are handled") {
            try await system.outcomes(of: "loyalty")["done"] == done + 20
        }
        #expect(try await points(system) == before)
    }

    @Test(
        "added while the system runs it gets new orders only, then history by a replay that no other service sees"
    )
    func addedLater() async throws {
        try await OrderSystem.run(["--notification-workers", "0"]) { system in
            #expect(try system.state().processes.allSatisfy { !$0.name.hasPrefix("loyalty") })
            for number in 1...30 { try await place(user: number, quantity: 1, system) }
            try await eventually("the orders before are handled") {
                try await handled(by: "inventory", system) == 30
            }
            let environment = [
                "RABBITMQ_URL": try system.state().rabbitmq,
                "DATABASE_URL": "sqlite:\(system.directory.text(of: "loyalty.db"))",
                "ADMIN_PORT": "\(try FreePort.reserve())",
            ]
            try await ProgramUnderTest.with("loyalty-worker", environment: environment) { worker in
                try await becomesReady(environment["ADMIN_PORT"] ?? "", system)
                for number in 1...10 { try await place(user: number, quantity: 10, system) }
                try await eventually("the new orders have their points; \(worker.transcript)") {
                    try await points(system) == 100
                }
                try await eventually("the others have them too") {
                    var others: Set<Int> = []
                    for service in ["inventory", "analytics"] {
                        others.insert(try await handled(by: service, system))
                    }
                    return others == [40]
                }
                try await replay(system)
            }
        }
    }

    private func replay(_ system: OrderSystem) async throws {
        let stock = try await system.stock(of: 2)
        let replay = try await system.orderctl("events", "replay", "--to", "loyalty")
        #expect(replay.exit == .code(0), "\(replay.output)\(replay.error)")
        try await eventually("history has its points") { try await points(system) == 130 }
        try await system.settled()
        #expect(try await points(system) == 130)
        for service in ["inventory", "analytics"] {
            #expect(try await handled(by: service, system) == 40, "\(service) saw nothing of the replay")
        }
        #expect(try await system.stock(of: 2) == stock)
    }

    private func becomesReady(_ port: String, _ system: OrderSystem) async throws {
        try await eventually("loyalty is ready") {
            let request = HTTPRequest("GET", "http://127.0.0.1:\(port)/health/ready")
            return try await system.http.send(request).status == 200
        }
    }

    private func place(user: Int, quantity: Int, _ system: OrderSystem) async throws {
        let order = #"{"user_id":\#(user),"product_id":2,"quantity":\#(quantity),"price":5}"#
        #expect(try await system.place(order).status == 201)
    }

    private func points(_ system: OrderSystem) async throws -> Int {
        let database = try system.database(of: "loyalty")
        defer { database.close() }
        return try await database.read { transaction in
            let row = try transaction.queryOne("SELECT COALESCE(SUM(points), 0) AS points FROM points")
            return Int(try row?.integer("points") ?? 0)
        }
    }

    /// Events that a service has handled, however they ended.
    private func handled(by service: String, _ system: OrderSystem) async throws -> Int {
        try await system.outcomes(of: service).values.reduce(0, +)
    }
}
