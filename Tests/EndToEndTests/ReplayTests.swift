import Curl
import FoundationEssentials
import Glibc
import Logging
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing

@Suite("Replaying history to one service", .serialized, .brokerInstalled)
struct ReplayTests {
    private struct Report: Decodable {
        var dry_run: Bool
        var resumed: Bool
        var finished: Bool
        var replayed: Int
        var total: Int
    }

    private struct Message: Decodable {
        struct Properties: Decodable {
            struct Headers: Decodable {
                var replayed: Bool?
            }
            var message_id: String
            var headers: Headers
        }
        var properties: Properties
    }

    private struct Event: Decodable {
        var id: String
        var state: String
    }

    @Test(
        "goes to that service's queue alone, at its rate, and goes on where it was killed, interrupted or cut off"
    )
    func replay() async throws {
        let workers = [
            "--inventory-workers", "0", "--notification-workers", "0", "--analytics-workers", "0",
        ]
        try await OrderSystem.run(workers) { system in
            // Without any queue the events wait in the outbox, and nothing is history yet.
            #expect(try await system.orderctl("topology", "apply", "bystander").exit == .code(0))
            let placed = try await ProgramUnderTest.run(
                "orderctl",
                ["submit", "--user", "1", "--product", "2", "--quantity", "1", "--price", "5"]
                    + ["--count", "400", "--directory", system.directory.text]
            )
            #expect(placed.exit == .code(0))
            try await eventually("all are published") {
                try await events(system).allSatisfy { $0.state == "published" }
            }
            let ids = try await events(system).map { $0.id }
            #expect(ids.count == 400)
            #expect(try await count(system, "bystander") == 400)

            try await refusals(system)
            #expect(try await system.orderctl("topology", "apply", "archive").exit == .code(0))
            let dry = try await run(system, "--dry-run")
            #expect(dry.dry_run && !dry.resumed && dry.total == 400 && dry.replayed == 0)
            try await kill(system, with: SIGKILL)
            try await kill(system, with: SIGINT)
            let report = try await finish(system)
            #expect(report.resumed && report.finished && report.replayed == 400 && report.total == 400)
            // Looking into a queue brings its order to nothing, so that is seen below.
            let messages = try await peek(system, "archive")
            let there = Set(messages.map { $0.properties.message_id })
            #expect(there.count == 400, "\(messages.count) messages")
            #expect(there.symmetricDifference(ids).isEmpty)
            // The kill may have repeated the batch that was on its way, 25 events, and nothing else may be there twice.
            #expect(messages.count <= 425)
            #expect(messages.allSatisfy { $0.properties.headers.replayed == true })
            #expect(try await count(system, "bystander") == 400)
            #expect(try await count(system, "order-service") == 0)

            #expect(try await system.orderctl("topology", "apply", "second").exit == .code(0))
            for round in 1...2 {
                let again = try await run(system, to: "second", "--rate", "100000", "--type", "order.created")
                #expect(!again.resumed && again.finished && again.replayed == 400)
                // Finished, so the same words begin anew.
                let order = try await peek(system, "second").map { $0.properties.message_id }
                #expect(round == 1 ? order == ids : order.count == 800)
            }
        }
    }

    /// A replay that cannot be is refused before anything happens, with what to do about it.
    private func refusals(_ system: OrderSystem) async throws {
        let nowhere = try await system.orderctl("events", "replay", "--to", "archive")
        #expect(nowhere.exit == .code(1))
        #expect(nowhere.error.contains("There is no queue archive."))
        let wrong = [
            ["--to", "archive.dead"], ["--to", "archive", "--rate", "0"],
            ["--to", "archive", "--since", "soon"],
        ]
        for arguments in wrong {
            let refused = try await ProgramUnderTest.run("orderctl", ["events", "replay"] + arguments)
            #expect(refused.exit == .code(64), "\(arguments)")
        }
        let noLog = try await ProgramUnderTest.run(
            "orderctl",
            ["events", "list", "--database-url", "sqlite:\(system.directory.text)/nothing.db"]
        )
        #expect(noLog.exit == .code(69))
        #expect(noLog.error.contains("nothing.db"))
    }

    /// Begins the replay, or goes on with it, at 100 events a second, and ends it after some batches.
    private func kill(_ system: OrderSystem, with signal: Int32) async throws {
        let before = try await count(system, "archive")
        let begin = ContinuousClock.now
        let environment = ["UP_DIRECTORY": system.directory.text]
        try await ProgramUnderTest.with(
            "orderctl",
            ["events", "replay", "--to", "archive", "--rate", "100"],
            environment: environment
        ) { replay in
            try await eventually(every: .milliseconds(10), "some batches") {
                try await count(system, "archive") >= before + 100
            }
            // A hundred events a second, in batches of 25: the fourth leaves after three quarters of a second.
            #expect(begin.duration(to: .now) >= .milliseconds(700))
            replay.process.send(signal)
            let exit = try await replay.exit()
            if signal == SIGINT {
                #expect(exit == .code(1))
                #expect(replay.errorLines.contains { $0.contains("the same command goes on") })
            }
        }
    }

    /// Goes on with the replay, kills the broker under it, and has it end, which may need the same command again.
    private func finish(_ system: OrderSystem) async throws -> Report {
        let before = try await count(system, "archive")
        let arguments = ["events", "replay", "--to", "archive", "--rate", "100", "--json"]
        let environment = ["UP_DIRECTORY": system.directory.text]
        return try await ProgramUnderTest.with("orderctl", arguments, environment: environment) { replay in
            _ = try await replay.line(containing: "Going on with the replay to archive that began at")
            try await eventually(every: .milliseconds(10), "a batch") {
                try await count(system, "archive") > before
            }
            try await system.killAndAwaitRestart("rabbitmq")
            _ = try await replay.exit()
            // Either it outlived the broker, or it says how to go on.
            if let report = try? decode(Report.self, replay.lines.joined()) { return report }
            #expect(replay.errorLines.contains { $0.contains("The same command goes on.") })
            return try await run(system)
        }
    }

    private func run(
        _ system: OrderSystem,
        to service: String = "archive",
        _ arguments: String...
    ) async throws -> Report {
        let finished = try await ProgramUnderTest.run(
            "orderctl",
            ["events", "replay", "--to", service, "--json"] + arguments,
            environment: ["UP_DIRECTORY": system.directory.text]
        )
        #expect(finished.exit == .code(0), "\(finished.error)")
        return try decode(Report.self, finished.output)
    }

    private func events(_ system: OrderSystem) async throws -> [Event] {
        let listed = try await system.orderctl("events", "list", "--json", "--limit", "1000")
        return try decode([Event].self, listed.output)
    }

    /// How many messages a queue holds, exactly, without touching any: the broker counts each look at a message, and
    /// gives up after twenty.
    private func count(_ system: OrderSystem, _ queue: String) async throws -> Int {
        let broker = Operator(
            settings: BrokerSettings(
                endpoints: try Endpoint.parseList(try system.state().rabbitmq),
                heartbeat: .seconds(10),
                connectionName: "replay-tests"
            ),
            logger: Logger(label: "replay-tests") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            defer { group.cancelAll() }
            return try #require(try await broker.queue(queue, within: .seconds(20))).messages
        }
    }

    /// Every message of a queue; all of them stay.
    private func peek(_ system: OrderSystem, _ queue: String) async throws -> [Message] {
        let answer = try await system.management(
            "POST",
            "queues/%2F/\(queue)/get",
            #"{"count":2000,"ackmode":"ack_requeue_true","encoding":"auto","truncate":10}"#
        )
        return try decode([Message].self, answer.text)
    }
}
