import TestSupport
import Testing

@Suite("Something breaks while orders are placed", .privateBroker, .serialized)
struct FaultScriptTests {
    @Test(
        "every accepted order takes effect exactly once, none is dead, no answer is a 5xx, no request hangs",
        arguments: FaultScript.chosen
    )
    func exactlyOnce(script: FaultScript) async throws {
        let round = Round(name: script.rawValue, rate: Laboratory.rate)
        try await round.play(on: [BrokerNode.current()]) { try await script.play(on: $0) }
    }
}
