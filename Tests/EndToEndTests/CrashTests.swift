import Curl
import Glibc
import RabbitMQNode
import Synchronization
import TestSupport
import Testing

@Suite("Programs and the broker die while orders are placed", .serialized, .brokerInstalled)
struct CrashTests {
    /// Product and quantity differ together, so that a lost and a doubled order cannot cancel out.
    private static let products = Array(2...7)
    private static let orders = 3_000

    @Test("every accepted order is taken from stock exactly once, no answer is a 5xx, nothing is dead")
    func exactStock() async throws {
        try await OrderSystem.run(["--inventory-workers", "3"]) { system in
            var before: [Int: Int] = [:]
            for product in Self.products {
                #expect(try await system.orderctl("stock", "\(product)", "--add", "10000").exit == .code(0))
                before[product] = try await system.stock(of: product)
            }
            let tally = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await eventually(within: .seconds(60), "500 orders are placed") {
                        tally.answered >= 500
                    }
                    try await system.killAndAwaitRestart("inventory-worker-2")
                    try await eventually(within: .seconds(60), "1500 orders are placed") {
                        tally.answered >= 1_500
                    }
                    try await system.killAndAwaitRestart("rabbitmq")
                }
                for lane in 0..<8 {
                    group.addTask {
                        for number in stride(from: lane, to: Self.orders, by: 8) {
                            let product = Self.products[number % Self.products.count]
                            let response = try await place(product, number, system)
                            tally.count(response.status, for: product)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let accepted = tally.accepted
            #expect(tally.others.isEmpty)
            #expect(accepted.values.reduce(0, +) == Self.orders)
            for product in Self.products {
                let expected = (before[product] ?? 0) - product * (accepted[product] ?? 0)
                try await eventually(
                    within: .seconds(90),
                    every: .milliseconds(300),
                    "stock of \(product) is \(expected)"
                ) {
                    try await system.stock(of: product) == expected
                }
            }
            for service in ["inventory", "notification", "analytics"] {
                #expect(try await system.deadLetters(of: service).isEmpty)
            }
            try await nothingComesLater(system, before, accepted)
        }
    }

    /// Once every queue is empty, no delivery is left that could still change the stock.
    private func nothingComesLater(
        _ system: OrderSystem,
        _ before: [Int: Int],
        _ accepted: [Int: Int]
    ) async throws {
        struct Queue: Decodable {
            var name: String
            var messages: Int?
        }
        try await eventually(within: .seconds(60), "all queues are empty") {
            let queues = try await decode([Queue].self, system.management("GET", "queues/%2F").text)
            return !queues.isEmpty && queues.allSatisfy { $0.messages == 0 }
        }
        for product in Self.products {
            let expected = (before[product] ?? 0) - product * (accepted[product] ?? 0)
            #expect(try await system.stock(of: product) == expected)
        }
    }

    /// One order with a key of its own, so that it may be sent again when no answer came.
    private func place(_ product: Int, _ number: Int, _ system: OrderSystem) async throws -> HTTPResponse {
        let order =
            #"{"user_id":\#(number + 1),"product_id":\#(product),"quantity":\#(product),"price":1.25}"#
        do {
            return try await system.place(order, key: "order-\(number)")
        } catch is HTTPClientError {
            return try await system.place(order, key: "order-\(number)")
        }
    }
}

/// How often each product's orders were accepted, and what else was answered.
private final class Tally: Sendable {
    private struct Answers {
        var accepted: [Int: Int] = [:]
        var others: [Int] = []
    }

    private let answers = Mutex(Answers())

    func count(_ status: Int, for product: Int) {
        answers.withLock { answers in
            if status == 201 {
                answers.accepted[product, default: 0] += 1
            } else {
                answers.others.append(status)
            }
        }
    }

    var accepted: [Int: Int] { answers.withLock { $0.accepted } }
    var others: [Int] { answers.withLock { $0.others } }
    var answered: Int { accepted.values.reduce(0, +) + others.count }
}
