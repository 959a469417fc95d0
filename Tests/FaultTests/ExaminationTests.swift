import Database
import TestSupport
import Testing

extension FaultScriptTests {
    /// A laboratory that finds nothing proves nothing.
    @Test("a lost effect, a doubled one, an order nobody was told of and a forgotten one are each named")
    func planted() async throws {
        let problems = try await FaultRig.run(on: [BrokerNode.current()]) { rig in
            let load = OrderLoad(to: rig.orderService.base, rate: 100)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await load.run() }
                defer { load.finish() }
                try await load.more(10)
                load.finish()
                try await group.waitForAll()
            }
            try await rig.settles()
            var accepted = Set(load.soFar.accepted.values)
            #expect(try await rig.examine(accepted: accepted).problems.isEmpty)
            try await rig.change("inventory", "UPDATE stock SET stock = stock - 1 WHERE product_id = 2")
            try await rig.change(
                "analytics",
                "DELETE FROM counted_events WHERE event_id = (SELECT min(event_id) FROM counted_events)"
            )
            try await rig.change("analytics", "UPDATE product_totals SET orders = orders + 1")
            accepted.removeFirst()
            accepted.insert("never-kept")
            return try await rig.examine(accepted: accepted).problems
        }
        for part in [
            "stock of 2 is", "analytics lost 1", "product_totals: orders", "kept twice or unasked",
            "accepted, not kept: never-kept",
        ] {
            #expect(problems.contains { $0.contains(part) }, "\(part) in \(problems)")
        }
        #expect(problems.count == 5)
    }
}
