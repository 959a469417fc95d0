import TestSupport
import Testing

/// One script from start to verdict.
struct Round: Sendable {
    let name: String
    let rate: Int

    /// Starts the system, loads it while the script plays, waits until all is at rest, and compares every store.
    ///
    /// Says the figures whatever comes of it.
    func play(on brokers: [BrokerNode], _ script: (Stage) async throws -> Void) async throws {
        let started = ContinuousClock.now
        let dice = Dice(seed: Laboratory.seed, for: name)
        Laboratory.say("fault \(name) seed \(Laboratory.seed) begins")
        var verdict = "RED"
        var record = OrderLoad.Record()
        defer {
            let seconds = started.duration(to: .now).components.seconds
            Laboratory.say(
                "fault \(name) seed \(Laboratory.seed) \(verdict) \(seconds) s: \(record.figures)"
            )
        }
        let findings = try await FaultRig.run(on: brokers) { rig in
            let load = OrderLoad(to: rig.orderService.base, rate: rate)
            let stage = Stage(rig: rig, load: load, dice: dice)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await load.run() }
                defer {
                    load.finish()
                    record = load.soFar
                }
                try await load.more(20)
                try await script(stage)
                try await load.more(20)
                load.finish()
                try await group.waitForAll()
            }
            try await rig.settles(expectedDead: stage.doomed.all.count)
            return try await rig.examine(
                accepted: Set(record.accepted.values),
                doomed: stage.doomed.all
            )
        }
        let seed = Comment(rawValue: "FAULT_SEED=\(Laboratory.seed), \(name)")
        #expect(findings.problems.isEmpty, seed)
        #expect(record.refused.isEmpty, seed)
        #expect(record.hung == 0, seed)
        if findings.problems.isEmpty, record.refused.isEmpty, record.hung == 0 { verdict = "green" }
    }
}

extension OrderLoad.Record {
    fileprivate var figures: String {
        """
        \(accepted.count) orders, p50 \(Int(percentile(0.5))) ms, p99 \(Int(percentile(0.99))) ms, \
        max \(Int(percentile(1))) ms, \(broken) broken, \(hung) hung
        """
    }
}
