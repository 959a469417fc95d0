import Curl
import FoundationEssentials
import OrderEvents
import RabbitMQNode
import TestSupport
import Testing

@Suite("orderctl audit and soak", .serialized, .brokerInstalled)
struct AuditTests {
    /// What `orderctl audit --json` prints.
    private struct Report: Decodable {
        struct Finding: Decodable {
            var kind: String
            var service: String
            var order: String?
            var detail: String
        }
        var findings: [Finding]
        var unfinished: [String]
        var clean: Bool
    }

    @Test("a clean system is clean; each planted loss and double is named, with the service and the order")
    func plants() async throws {
        let mails = try TemporaryDirectory("audit-mails")
        let environment = ["NOTIFICATION_TRANSPORT": "file", "NOTIFICATION_DIRECTORY": mails.text]
        try await OrderSystem.run(environment: environment) { system in
            try await place(in: system)
            try await system.settled()
            let orders = try await system.recordedOrders()
            let (ids, events) = (orders.map(\.facts.id), orders.map(\.eventID))
            let record = mails.text(of: "accepted.txt")
            let arguments = ["--accepted", record, "--complete", "--mails", mails.text]
            try write(ids, to: record)
            try await isClean(system, arguments)

            // The client knows of an order that the store does not, and not of one that it has.
            let unknown = UUIDv7.next().description
            try write([unknown] + ids.dropFirst(), to: record)
            try await system.change(
                "inventory",
                // A lost effect: the receipt is gone and the pieces are back.
                "UPDATE stock SET stock = stock + 2 WHERE product_id = 3",
                "DELETE FROM handled_events WHERE event_id = '\(events[1])'",
                // A double effect that its receipt hides.
                "UPDATE stock SET stock = stock - 3 WHERE product_id = 2"
            )
            try await system.change("analytics", "DELETE FROM counted_events WHERE event_id = '\(events[2])'")
            // A lost event: published by nobody, and gone.
            try await system.change("order-service", "DELETE FROM events WHERE subject = '\(ids[3])'")
            try await system.change(
                "notification",
                "DELETE FROM notifications WHERE event_id = '\(events[4])'"
            )
            try write([], to: mails.text(of: "new/\(events[5]).again"))
            let found = try await audit(system, arguments)
            let expected: [(kind: String, service: String, order: String?)] = [
                ("missing", "client", unknown), ("double", "order-service", ids[0]),
                ("missing", "inventory", ids[1]), ("double", "inventory", nil),
                ("missing", "analytics", ids[2]), ("double", "analytics", ids[2]),
                ("missing", "order-service", ids[3]), ("missing", "notification", ids[4]),
                ("repeated", "notification", ids[5]),
            ]
            for finding in expected {
                #expect(
                    found.findings.contains {
                        $0.kind == finding.kind && $0.service == finding.service
                            && (finding.order == nil || $0.order == finding.order)
                    },
                    "\(finding) in \(found.findings)"
                )
            }
            #expect(found.findings.count == expected.count && !found.clean, "\(found.findings)")
        }
    }

    /// An order beyond the stock is refused once, one for an unknown product is dead: neither is a loss.
    private func isClean(_ system: OrderSystem, _ arguments: [String]) async throws {
        let report = try await audit(system, arguments)
        #expect(report.clean, "\(report.findings)")
        #expect(
            report.unfinished.contains { $0.contains("inventory: dead: permanent: unknown product 4242") }
        )
        let text = try await system.orderctl("audit")
        #expect(text.exit == .code(0) && text.output.split(separator: "\n").last?.hasPrefix("CLEAN") == true)
        #expect(text.output.contains(/inventory +14 +12 +1 +0 +0 +1 +0 +0 +0/), "\(text.output)")
    }

    @Test("a soak through kills and cuts passes, and one with a planted loss fails with the order's name")
    func soaks() async throws {
        // At once: each mostly waits, for a broker to start and for the queues to stay empty.
        async let sound = soak("--for", "15s", "--chaos", "7", "--every", "5s")
        async let planted = soak("--for", "3s", "--chaos", "7", "--every", "20s", "--plant", "loss")
        let (passed, failed) = try await (sound, planted)
        #expect(passed.exit == .code(0), "\(passed.output)\n\(passed.error)")
        #expect(passed.output.split(separator: "\n").last?.hasPrefix("PASS ") == true)
        #expect(failed.exit == .code(1), "\(failed.output)\n\(failed.error)")
        #expect(failed.output.contains(/[0-9a-f-]{36}  inventory: missing: published, no effect/))
        #expect(failed.output.split(separator: "\n").last?.hasPrefix("FAIL 1 missing; seed 7") == true)
    }

    /// Its directory is the test's, so that what a failed soak keeps goes with it.
    private func soak(_ arguments: String...) async throws -> FinishedProgram {
        let directory = try TemporaryDirectory("soak-test")
        return try await ProgramUnderTest.run(
            "orderctl",
            ["soak", "--rate", "20", "--workers", "1"] + arguments,
            environment: ["TMPDIR": directory.text],
            within: .seconds(300)
        )
    }

    private func audit(_ system: OrderSystem, _ arguments: [String]) async throws -> Report {
        let program = try await ProgramUnderTest.run(
            "orderctl",
            ["audit", "--json"] + arguments,
            environment: ["UP_DIRECTORY": system.directory.text]
        )
        #expect([.code(0), .code(1)].contains(program.exit), "\(program.error)")
        return try decode(Report.self, program.output)
    }

    /// Twelve orders with different quantities, so that a count that is wrong fits one of them only, then one beyond the
    /// stock and one for a product that nobody has.
    private func place(in system: OrderSystem) async throws {
        let sold = (0..<12).map { (product: 2 + $0 % 2, quantity: 1 + $0) }
        let orders = sold + [(product: 1, quantity: 9_999), (product: 4_242, quantity: 1)]
        for (number, order) in orders.enumerated() {
            let body =
                #"{"user_id":\#(number + 1),"product_id":\#(order.product),"quantity":\#(order.quantity),"price":1.25}"#
            #expect(try await system.place(body, key: "audit-\(number)").status == 201)
        }
    }

    private func write(_ lines: [String], to path: String) throws {
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: path))
    }
}
