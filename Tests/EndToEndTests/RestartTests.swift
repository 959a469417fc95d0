import Curl
import Glibc
import RabbitMQNode
import TestSupport
import Testing

@Suite("Everything starts in any order", .serialized, .privateBroker, .timeLimit(.minutes(8)))
struct RestartTests {
    private static let programs = [
        "order-service", "inventory-worker", "notification-worker", "analytics-worker",
    ]

    /// Short tiers: a mail whose sender was killed is held by its claim for a minute, and looked at again after one of them.
    private static let settings = ["RETRY_DELAYS": "1s,2s,5s,5s,5s,10s"]

    @Test(
        "all is killed and started in a random order, and every order is handled without anybody's help",
        arguments: [UInt64.random(in: 0...UInt64.max)]
    )
    func anyOrder(seed: UInt64) async throws {
        var dice = SeededGenerator(state: seed)
        let system = try LooseSystem()
        // Before its first start nothing is there: no broker, no queue, no directory.
        await system.broker.node.kill()
        var running: [ProgramUnderTest] = []
        do {
            try await rounds(system, &dice, &running)
        } catch {
            for program in running { await program.stop(within: .zero) }
            throw error
        }
    }

    private func rounds(
        _ system: LooseSystem,
        _ dice: inout SeededGenerator,
        _ running: inout [ProgramUnderTest]
    ) async throws {
        for round in 1...3 {
            var service: ProgramUnderTest?
            for name in (Self.programs + ["broker"]).shuffled(using: &dice) {
                guard name != "broker" else {
                    try await system.broker.startAgain()
                    continue
                }
                let program = try await system.start(name, Self.settings)
                running.append(program)
                if name == "order-service" { service = program }
            }
            let address = try await system.address(of: try #require(service))
            // A service gets what is published after its queue was first bound, and nothing from before.
            if round == 1 { try await everyQueueIsBound(system) }
            for number in 0..<10 {
                #expect(try await system.place("\(round)-\(number)", at: address, product: 2).status == 201)
            }
            // The first rounds are cut short: what is on its way then is handled by the next.
            if round == 3 { try await expectHandled(30, system) }
            // A queue that is not in the broker's registry yet has no leader ever after (RabbitMQ 3.10).
            for service in ["inventory", "notification", "analytics", "order-service"] {
                try await system.broker.waitUntilRegistered("\(service).retry.10s")
            }
            for program in running { program.process.send(SIGKILL) }
            for program in running { _ = try await program.exit() }
            running = []
            if round < 3 { await system.broker.node.kill() }
        }
    }

    private func everyQueueIsBound(_ system: LooseSystem) async throws {
        for service in ["inventory", "notification", "analytics"] {
            try await eventually(within: .seconds(60), "\(service) is bound") {
                let bindings = try await system.management("GET", "queues/%2F/\(service)/bindings")
                return bindings.text.contains("\"source\":\"orders.events\"")
            }
        }
    }

    private func expectHandled(_ orders: Int, _ system: LooseSystem) async throws {
        let counts = [
            "inventory-worker": "SELECT COUNT(*) AS x FROM handled_events",
            "notification-worker": "SELECT COUNT(*) AS x FROM notifications WHERE state = 'sent'",
            "analytics-worker": "SELECT COUNT(*) AS x FROM counted_events",
        ]
        for (program, sql) in counts {
            try await eventually(within: .seconds(180), "\(program) handled all") {
                try await system.number(sql, of: program) == orders
            }
        }
        for queue in ["inventory.dead", "notification.dead", "analytics.dead"] {
            #expect(try await system.messages(in: queue) == 0)
        }
    }
}

/// The same numbers for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
