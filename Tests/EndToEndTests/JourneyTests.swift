import Curl
import FoundationEssentials
import Glibc
import Logging
import OrderEvents
import RabbitMQ
import RabbitMQNode
import Synchronization
import TestSupport
import Testing
import WorkQueue

/// One step of a journey, as HTTP shows it.
private struct Step: Decodable, Equatable {
    var service: String
    var state: String
    var attempt: Int
    var detail: String?
    var next_at: String?
}

/// `order.created`, as far as the courier of these tests needs it.
private struct CourierOrder: EventPayload {
    static let eventType = OrderCreated.type
    let id: String
}

/// A service of its own that fails at its first attempt.
private struct Courier: EventHandler {
    func handle(_ order: CourierOrder, in context: DeliveryContext) async -> Verdict {
        context.attempt == 1 ? .retry("the van is in the garage") : .done("On its way")
    }
}

@Suite("The journey of an order", .serialized, .brokerInstalled)
struct JourneyTests {
    private static let noMail = ["--notification-workers", "0"]

    private func order(_ system: OrderSystem, quantity: Int = 1) async throws -> String {
        let answer = try await system.place(
            #"{"user_id":1,"product_id":1,"quantity":\#(quantity),"price":9.99}"#
        )
        let location = try #require(answer.header("Location"))
        return try #require(location.split(separator: "/").last.map(String.init))
    }

    private func journey(_ system: OrderSystem, _ order: String) async throws -> [Step] {
        struct Order: Decodable { var journey: [Step] }
        let url = try system.state().order_service + "/orders/\(order)"
        return try decode(Order.self, try await system.http.send(HTTPRequest("GET", url)).text).journey
    }

    /// Runs the courier on the system's broker.
    private func withCourier(_ system: OrderSystem, _ body: () async throws -> Void) async throws {
        let worker = Worker(
            service: "courier",
            handlers: [Courier()],
            settings: WorkerSettings(
                retry: try RetryPolicy(delays: [.milliseconds(300)]),
                exchange: OrderEvents.exchangeName,
                outcomesExchange: OrderEvents.outcomesExchangeName
            ),
            broker: BrokerSettings(
                endpoints: try Endpoint.parseList(try system.state().rabbitmq),
                heartbeat: .seconds(10),
                connectionName: "courier"
            ),
            logger: Logger(label: "courier") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            defer { group.cancelAll() }
            try await eventually("the courier waits for events") { worker.isReady }
            try await body()
        }
    }

    @Test("shows done, retrying and done for a handler that fails once, at once and as a stream")
    func failsOnce() async throws {
        try await OrderSystem.run(Self.noMail) { system in
            try await withCourier(system) {
                let id = try await order(system)
                let stream = try Listener.start("\(system.state().order_service)/orders/\(id)/events")
                try await eventually("the courier is done") {
                    try await journey(system, id).contains { $0.service == "courier" && $0.state == "done" }
                }
                let steps = try await journey(system, id)
                #expect(steps.contains { $0.service == "inventory" && $0.detail == "Remaining stock: 49" })
                #expect(steps.contains { $0.service == "analytics" && $0.state == "done" })
                let courier = steps.filter { $0.service == "courier" }
                #expect(courier.map { $0.state } == ["retrying", "done"])
                #expect(courier.map { $0.attempt } == [1, 2])
                #expect(courier.map { $0.detail } == ["the van is in the garage", "On its way"])
                #expect(courier[0].next_at != nil && courier[1].next_at == nil)
                try await eventually("the stream tells the same") { stream.steps.count == steps.count }
                #expect(Set(stream.steps.map { "\($0)" }) == Set(steps.map { "\($0)" }))
                try await showAndFollow(system)
            }
            try await outOfStock(system)
            try await badBatch(system)
        }
    }

    /// `orderctl show --follow` lives through a restart of the order service, and ends with 0 on Ctrl-C.
    private func showAndFollow(_ system: OrderSystem) async throws {
        let id = try await order(system)
        try await eventually("all are done") { try await journey(system, id).count == 4 }
        let shown = try await system.orderctl("show", id)
        #expect(shown.output.contains("SERVICE"))
        #expect(shown.output.contains("the van is in the garage"))
        let environment = ["UP_DIRECTORY": system.directory.text]
        try await ProgramUnderTest.with("orderctl", ["show", id, "--follow"], environment: environment) {
            follower in
            _ = try await follower.line(containing: "courier  done  order.created  attempt 2: On its way")
            try await system.killAndAwaitRestart("order-service")
            try await eventually("it serves again") { try await journey(system, id).count == 4 }
            let replayed = try await system.orderctl("events", "replay", "--to", "courier", "--order", id)
            #expect(replayed.output.contains("1 events replayed to courier"))
            try await eventually(within: .seconds(60), "what came after the restart: \(follower.transcript)")
            {
                follower.lines.count { $0.contains("courier  done") } == 2
            }
            follower.process.send(SIGINT)
            #expect(try await follower.exit() == .code(0))
            #expect(follower.lines.count { $0.contains("inventory  done") } == 1)
        }
    }

    /// An order beyond the stock is rejected by inventory, durably, and the log has inventory's own event.
    private func outOfStock(_ system: OrderSystem) async throws {
        let id = try await order(system, quantity: 10_000)
        try await eventually("inventory says no") {
            try await journey(system, id).contains { $0.service == "inventory" && $0.state == "rejected" }
        }
        try await eventually("its event is in the log") {
            let listed = try await system.orderctl("events", "list", "--order", id, "--json")
            return listed.output.contains("inventory.rejected")
        }
    }

    /// What is no batch becomes a dead letter of the order service, and good batches go on.
    private func badBatch(_ system: OrderSystem) async throws {
        let published = try await system.management(
            "POST",
            "exchanges/%2F/orders.outcomes/publish",
            #"{"properties":{"message_id":"b1","type":"worker.outcomes"},"routing_key":"","#
                + #""payload":"{\"service\":5}","payload_encoding":"string"}"#
        )
        #expect(published.text.contains(#""routed":true"#))
        try await eventually("it is dead") { try await !system.deadLetters(of: "order-service").isEmpty }
        let dead = try await system.deadLetters(of: "order-service")
        #expect(dead.map { $0.reason } == ["undecodable"])
        #expect(dead.first?.error?.contains("service") == true)
        let id = try await order(system)
        try await eventually("the next order has its journey") { try await !journey(system, id).isEmpty }
        let shown = try await system.orderctl("topology", "show")
        for name in ["order-service.dead", "order-service.filter", "orders.outcomes"] {
            #expect(shown.output.contains(name))
        }
        let check = try await system.orderctl("topology", "check", "order-service")
        #expect(check.exit == .code(0), "\(check.output)")
    }
}

/// Follows an order over Server-Sent Events.
private final class Listener: Sendable {
    private let text = Mutex("")
    private let task = Mutex<Task<Void, any Error>?>(nil)

    private init() {}

    deinit { task.withLock { $0?.cancel() } }

    static func start(_ url: String) -> Listener {
        let listener = Listener()
        let stream = HTTPStream(HTTPRequest("GET", url))
        // Unstructured because it reads until the test lets it go.
        let task = Task { [weak listener] in
            try await stream.read { [weak listener] part in
                if case .bytes(let bytes) = part { listener?.add(String(decoding: bytes, as: UTF8.self)) }
                return listener != nil
            }
        }
        listener.task.withLock { $0 = task }
        return listener
    }

    private func add(_ piece: String) {
        text.withLock { $0 += piece }
    }

    var steps: [Step] {
        text.withLock { $0 }.split(separator: "\n")
            .filter { $0.hasPrefix("data: ") }
            .compactMap { try? JSONDecoder().decode(Step.self, from: Data($0.dropFirst(6).utf8)) }
    }
}
