import Curl
import Glibc
import RabbitMQNode
import TestSupport
import Testing

@Suite("A worker is told to stop in the middle of work", .serialized, .brokerInstalled)
struct DrainTests {
    @Test("it ends with 0 within the drain deadline, and nothing that it finished is delivered again")
    func stopsUnderLoad() async throws {
        try await OrderSystem.run { system in
            #expect(try await system.orderctl("stock", "3", "--add", "10000").exit == .code(0))
            let before = try await system.stock(of: 3)
            let first = try system.pid(of: "inventory-worker-1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask { try await place(250, lane: lane, system) }
                }
                try await eventually(within: .seconds(60), "some orders are done") {
                    try await system.stock(of: 3) < before - 50
                }
                kill(first, SIGTERM)
                try await group.waitForAll()
            }
            _ = try await system.up.line(containing: "inventory-worker-1 ended (exit code 0)")
            try await eventually(within: .seconds(60), "every order is done") {
                try await system.stock(of: 3) == before - 1_000
            }
            #expect(try await duplicates(system) == 0)
            #expect(try await system.deadLetters(of: "inventory").isEmpty)
        }
    }

    private func place(_ count: Int, lane: Int, _ system: OrderSystem) async throws {
        for number in 1...count {
            let user = lane * count + number
            let order = #"{"user_id":\#(user),"product_id":3,"quantity":1,"price":2}"#
            #expect(try await system.place(order).status == 201)
        }
    }

    /// How many events the worker that runs now was given although they had been applied already.
    private func duplicates(_ system: OrderSystem) async throws -> Double {
        let port = try #require(
            system.up.lines.last { $0.hasPrefix("inventory-worker-1") && $0.contains("Admin listening") }
                .flatMap { $0.firstMatch(of: /127\.0\.0\.1:([0-9]+)/) }
        )
        let metrics = try await system.http.send(HTTPRequest("GET", "http://127.0.0.1:\(port.1)/metrics"))
        #expect(metrics.status == 200)
        let lines = metrics.text.split(separator: "\n")
            .filter { !$0.hasPrefix("#") && $0.contains("duplicate") }
        return lines.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }
}
