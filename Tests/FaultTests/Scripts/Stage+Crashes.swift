import Curl
import FoundationEssentials
import Glibc
import RabbitMQNode
import TestSupport

/// What happens to the programs.
extension Stage {
    /// From delivery to acknowledgement; where a copy is made is another script.
    private static let workerPoints = [
        "delivery-received", "delivery-decoded", "handler-called", "effect-committed", "outcome-decided",
        "settlement-handed-over", "settlement-written", "publish-written",
    ]
    private static let orderServicePoints = [
        "request-read", "order-committed", "answer-written", "publish-written", "publish-confirmed",
        "publish-marked", "delivery-received", "settlement-written",
    ]

    /// Every point of every worker, all services at once, one point after the other in a seeded order.
    mutating func crashWorkers() async throws {
        for point in Self.workerPoints.shuffled(using: &dice) {
            try await crash(at: point, of: FaultRig.services)
        }
        try await crash(at: "message-sent", of: ["notification"])
    }

    mutating func crashOrderService() async throws {
        for point in Self.orderServicePoints.shuffled(using: &dice) {
            try await crash(at: point, of: ["order-service"])
        }
    }

    /// Arms the point in each program and waits until each of them has died there and lives again.
    private mutating func crash(at point: String, of services: [String]) async throws {
        try await moment()
        let programs = services.map { rig.program(of: $0) }
        let before = programs.map(\.starts)
        for service in services { try rig.arm(point, of: service) }
        for (program, starts) in zip(programs, before) {
            try await eventually(within: .seconds(60), "\(program.name) dies at \(point)") {
                program.starts > starts
            }
        }
        for service in services {
            guard !rig.isArmed(point, of: service) else {
                throw NotInTime(description: "\(service) ended otherwise than at \(point)")
            }
        }
        for program in programs { try await program.becomesReady() }
    }

    /// An order for a product that nobody has ends as a dead letter, with a crash after the copy was confirmed.
    mutating func crashBetweenCopies() async throws {
        for point in ["copy-confirmed", "outcome-decided", "publish-written", "settlement-handed-over"] {
            try await moment()
            let starts = rig.program(of: "inventory").starts
            try rig.arm(point, of: "inventory")
            doomed.add(try await rig.placeOrder(product: 4242, key: "doomed-\(point)"))
            try await eventually(within: .seconds(60), "inventory dies at \(point)") {
                rig.program(of: "inventory").starts > starts
            }
            try await rig.program(of: "inventory").becomesReady()
        }
    }

    /// Kills or stops everything, the broker too, in an order that the dice choose; each comes back by itself.
    mutating func restartEverything() async throws {
        for service in FaultRig.services {
            try await rig.broker.waitUntilRegistered("\(rig.host)_\(service)")
        }
        let broker = "broker"
        for part in (FaultRig.services + ["order-service", broker]).shuffled(using: &dice) {
            try await load.more(3)
            let signal = Bool.random(using: &dice) ? SIGKILL : SIGTERM
            guard part == broker else {
                // Not waited for: the next falls while this one is still coming back.
                rig.program(of: part).send(signal)
                continue
            }
            if signal == SIGKILL { await rig.broker.node.kill() } else { await rig.broker.node.stop() }
            try await rig.broker.startAgain()
        }
        for program in rig.programs { try await program.becomesReady() }
        try await moment()
    }
}

extension FaultRig {
    /// The program of a service.
    func program(of service: String) -> KeptProgram {
        workers[service] ?? orderService
    }

    /// Ends a service's program at the next passing of the point.
    func arm(_ point: String, of service: String) throws {
        let path = directory.text(of: "points-\(service)/\(point)")
        try Data().write(to: URL(filePath: path))
    }

    /// Whether the point was not passed yet.
    func isArmed(_ point: String, of service: String) -> Bool {
        FileManager.default.fileExists(atPath: directory.text(of: "points-\(service)/\(point)"))
    }

    /// Places one order beside the load.
    ///
    /// - Returns: Its id.
    func placeOrder(product: Int, key: String) async throws -> String {
        struct Success: Decodable {
            struct Order: Decodable { var id: String }
            var order: Order
        }
        let http = HTTPClient(connections: 1)
        let answer = try await http.send(
            HTTPRequest(
                "POST",
                orderService.base + "/orders",
                headers: [("Content-Type", "application/json"), ("Idempotency-Key", key)],
                body: Array(#"{"user_id":1,"product_id":\#(product),"quantity":1,"price":1.25}"#.utf8)
            )
        )
        guard answer.status == 201 else { throw NotInTime(description: "\(answer.status) \(answer.text)") }
        return try JSONDecoder().decode(Success.self, from: Data(answer.body)).order.id
    }
}
