import Curl
import Database
import FoundationEssentials
import Glibc
import RabbitMQNode
import SystemPackage
import TestSupport
import Testing

@Suite(
    "A consumer in another language",
    .serialized,
    .brokerInstalled,
    .enabled(if: Python.isThere, "no pika")
)
struct PythonConsumerTests {
    @Test("the README's Python program gets every event in a queue of its own, and acts once however it dies")
    func everyEventOnce() async throws {
        let folder = try TemporaryDirectory("python-consumer")
        try Data(try Python.program().utf8).write(to: URL(filePath: folder.text(of: "shipping.py")))
        try await OrderSystem.run(["--notification-workers", "0", "--analytics-workers", "0"]) { system in
            let first = try await start(in: folder, system)
            _ = try await first.line(containing: "Waiting for orders")
            for number in 1...300 {
                try await place(number, system)
                // In the middle of its work: what it had not acknowledged comes again.
                if number == 150 { _ = await first.process.kill() }
            }
            let second = try await start(in: folder, system)
            try await eventually("each order has a parcel; \(second.transcript)") {
                try await parcels(in: folder).count == 300
            }
            let recorded = try await system.recordedOrders()
            #expect(try await parcels(in: folder) == Set(recorded.map(\.eventID)))
            for order in recorded.prefix(20) { try await system.publishAgain(order) }
            try await poison(system)
            try await system.settled()
            #expect(try await parcels(in: folder) == Set(system.recordedOrders().map(\.eventID)))
            #expect((first.lines + second.lines).filter { $0.hasPrefix("Packing") }.count <= 301)
            await second.stop()
        }
    }

    private func start(in folder: TemporaryDirectory, _ system: OrderSystem) async throws -> ProgramUnderTest
    {
        try await ProgramUnderTest.start(
            Python.interpreter,
            ["-u", "shipping.py"],
            environment: ["RABBITMQ_URL": try system.state().rabbitmq],
            in: folder.path
        )
    }

    private func place(_ number: Int, _ system: OrderSystem) async throws {
        let order = #"{"user_id":\#(number),"product_id":3,"quantity":1,"price":5}"#
        #expect(try await system.place(order).status == 201)
    }

    /// What is no event of ours is put aside, and the next one is handled.
    private func poison(_ system: OrderSystem) async throws {
        _ = try await system.management(
            "POST",
            "exchanges/%2F/orders.events/publish",
            #"{"properties":{"type":"order.created","message_id":"poison"},"routing_key":"","#
                + #""payload":"no order","payload_encoding":"string"}"#
        )
        try await place(301, system)
        try await eventually("the poison is put aside") {
            try await system.management("GET", "queues/%2F/shipping.dead").text.contains(#""messages":1,"#)
        }
    }

    private func parcels(in folder: TemporaryDirectory) async throws -> Set<String> {
        let database = try Database.open(.sqlite(path: folder.text(of: "shipping.db")), migrations: [])
        defer { database.close() }
        return try await database.read { transaction in
            Set(try transaction.query("SELECT event_id FROM parcels").map { try $0.text("event_id") })
        }
    }
}

private enum Python {
    static let interpreter = "/usr/bin/python3"

    /// Absence is a failure where it must not be: `REQUIRE_BROKER=1`.
    static let isThere =
        ProcessInfo.processInfo.environment["REQUIRE_BROKER"] == "1"
        || FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/pika")

    /// The README's program.
    static func program() throws -> String {
        try #require(ReadmePage().blocks.first { $0.language == "python" }).text
    }
}
