import Testing

@testable import WorkQueue

@Suite("Workers that die, simulated")
struct CrashSimulationTests {
    private func messages(_ count: Int, poisons: Int, dice: inout SplitMix) -> [CrashSimulation.Message] {
        let bad = Set((0..<count).shuffled(using: &dice).prefix(poisons))
        return (0..<count).map { CrashSimulation.Message(id: "\($0)", isPoison: bad.contains($0)) }
    }

    /// Runs until nothing is left; `kill` says before each step whether a worker is killed.
    private func play(_ simulation: inout CrashSimulation, kill: (inout CrashSimulation) -> Bool) throws {
        var steps = 0
        while !simulation.isOver {
            steps += 1
            try #require(steps < 2_000_000, "something is stuck")
            if kill(&simulation) {
                simulation.end(Int.random(in: simulation.workers.indices, using: &simulation.dice))
            }
            simulation.step()
        }
    }

    @Test(
        "only poisons end dead, every other event is handled, whatever else kills workers",
        arguments: 1...60
    )
    func poisons(seed: UInt64) throws {
        var dice = SplitMix(state: seed)
        let all = messages(300, poisons: Int.random(in: 1...3, using: &dice), dice: &dice)
        var simulation = try CrashSimulation(
            all,
            workers: Int.random(in: 1...3, using: &dice),
            prefetch: [1, 10, 100].randomElement(using: &dice) ?? 10,
            delays: [.seconds(1), .seconds(2), .seconds(3), .seconds(4), .seconds(5)],
            seed: seed
        )
        var kills = 20
        try play(&simulation) { simulation in
            guard kills > 0, Int.random(in: 0..<200, using: &simulation.dice) == 0 else { return false }
            kills -= 1
            return true
        }
        #expect(simulation.overLimit.isEmpty)
        #expect(simulation.convicted == Set(all.filter(\.isPoison).map(\.id)))
        #expect(simulation.done == Set(all.filter { !$0.isPoison }.map(\.id)))
        #expect(simulation.journal.isEmpty)
    }

    @Test("forty restarts over a backlog dead-letter nothing, whenever they come", arguments: 1...60)
    func restarts(seed: UInt64) throws {
        var dice = SplitMix(state: seed)
        let all = messages(40, poisons: 0, dice: &dice)
        var simulation = try CrashSimulation(
            all,
            workers: 1,
            prefetch: 100,
            delays: [.seconds(1), .seconds(2), .seconds(3), .seconds(4), .seconds(5)],
            seed: seed
        )
        var kills = 40
        // Soon after each start: nothing, or hardly anything, is handled before.
        let often = Int.random(in: 2...30, using: &dice)
        try play(&simulation) { simulation in
            guard kills > 0, Int.random(in: 0..<often, using: &simulation.dice) == 0 else { return false }
            kills -= 1
            return true
        }
        #expect(simulation.overLimit.isEmpty && simulation.convicted.isEmpty)
        #expect(simulation.done.count == all.count)
    }
}
