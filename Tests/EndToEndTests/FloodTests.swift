import Curl
import Database
import FoundationEssentials
import RabbitMQ
import RabbitMQNode
import TestSupport
import Testing
import WorkQueue

/// `MESSAGES` in the environment says how many; `FLOOD_SEED` repeats one run.
@Suite("A flood of valid, broken and absurd messages", .serialized, .broker)
struct FloodTests {
    private static let count = Int(ProcessInfo.processInfo.environment["MESSAGES"] ?? "") ?? 5_000
    private static let seed =
        UInt64(ProcessInfo.processInfo.environment["FLOOD_SEED"] ?? "") ?? .random(in: 0...999_999)

    /// Where each service notes what it has handled.
    static let services = [
        ("inventory", "SELECT event_id FROM handled_events"),
        ("notification", "SELECT event_id FROM notifications WHERE state = 'sent'"),
        ("analytics", "SELECT event_id FROM counted_events"),
    ]

    @Test(
        "ends no worker: every good event is done once, every bad one is a dead letter with its reason",
        arguments: services
    )
    func flood(service: String, handled: String) async throws {
        var messages = FloodMessages(seed: Self.seed)
        let count = Self.count / Self.services.count
        let flood = (0..<count).map { messages.next($0) }
        let hint = Comment("FLOOD_SEED=\(Self.seed) MESSAGES=\(Self.count)")
        try await FloodRig.run(service) { rig in
            try await rig.publish(flood)
            let outcomes = try await rig.settled(count)
            let letters = try await rig.deadLetters()
            let done = try await rig.handled(handled)

            let buried = letters.compactMap {
                $0.message.properties.headers[FloodMessage.numberHeader]?.integer.map { Int($0) }
            }
            #expect(buried.count == letters.count && Set(buried).count == buried.count, hint)
            #expect(Set(letters.map(\.reason)).isSubset(of: ["undecodable", "permanent", "rejected"]), hint)
            #expect(letters.allSatisfy { $0.error?.isEmpty == false }, hint)

            // Each message ended in exactly one way, and the counts say the same.
            #expect(outcomes["dead_lettered"] == letters.count, hint)
            let told = outcomes["rejected"] ?? 0
            #expect(outcomes.values.reduce(0, +) == count + told, "\(outcomes) \(hint)")
            #expect(outcomes["unknown_type"] == flood.count { $0.fate == .ignored } + told, hint)

            let dead = Set(buried)
            var expected: Set<String> = []
            for (number, message) in flood.enumerated() {
                switch message.fate {
                case .done: expected.insert(message.eventID)
                case .either where !dead.contains(number): expected.insert(message.eventID)
                case .dead: #expect(dead.contains(number), "number \(number) is no dead letter; \(hint)")
                case .ignored, .either: break
                }
                if message.fate == .done || message.fate == .ignored {
                    #expect(!dead.contains(number), "number \(number) is a dead letter; \(hint)")
                }
            }
            #expect(done.count == Set(done).count, hint)
            #expect(Set(done) == expected, hint)
            try rig.checkWorker()
        }
    }
}
