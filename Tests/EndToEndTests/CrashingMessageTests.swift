#if CRASH_POINTS
import TestSupport
import Testing
import WorkQueue

@Suite("A message that ends its worker, and workers that end anyway", .serialized, .privateBroker)
struct CrashingMessageTests {
    @Test("of 301 messages only the one that ends its worker is dead, with the reason; 300 take effect once")
    func poison() async throws {
        let rig = try CrashingMessageRig(delays: [.milliseconds(100), .milliseconds(300)])
        try await rig.run {
            try await rig.publish(301)
            _ = try await rig.keeping(["CRASH_AT": "handler-called=event-150"]) {
                try await eventually(within: .seconds(120), "it is dead") {
                    try await rig.ready("inventory.dead") == 1
                }
                try await eventually(within: .seconds(120), "300 pieces are sold") {
                    try await rig.stock() == 700
                }
            }
            let letters = try await rig.deadLetters()
            #expect(letters.map(\.id) == ["event-150"])
            #expect(letters.first?.reason == "delivery-limit")
            #expect(letters.first?.error == "its worker ended 3 times while handling this event alone")
            #expect(try await rig.ready("inventory") == 0)
        }
    }

    @Test(
        "forty ends of a worker over a backlog of which it finishes nothing leave nothing among the dead letters",
        arguments: ["delivery-received", "handler-called"]
    )
    func restarts(point: String) async throws {
        let rig = try CrashingMessageRig(delays: [.seconds(1), .seconds(5), .seconds(30)])
        try await rig.run {
            try await rig.publish(60)
            for _ in 0..<40 {
                _ = try await rig.runToItsEnd(["CRASH_AT": point])
                try await rig.awaitReturn(of: 60)
            }
            #expect(try await rig.deadLetters().map(\.id) == [])
            _ = try await rig.keeping([:]) {
                try await eventually(within: .seconds(120), "60 pieces are sold") {
                    try await rig.stock() == 940
                }
            }
            #expect(try await rig.deadLetters().map(\.id) == [])
        }
    }
}
#endif
