import TestSupport
import Testing
import WorkQueue

private typealias Machine = BreakerMachine<ContinuousClock.Instant>

@Suite("The circuit breaker's decisions")
struct BreakerMachineTests {
    private let start = ContinuousClock.now
    private var machine = Machine(BreakerPolicy(failures: 2, pause: .seconds(5), longestPause: .seconds(15)))

    private func later(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    private mutating func permit(at seconds: Double) throws -> Machine.Permit {
        guard case .pass(let permit) = machine.ask(at: later(seconds)) else {
            throw NotInTime(description: "no permit at \(seconds) s: \(machine.state)")
        }
        return permit
    }

    @Test("failures in a row open it; one success in between does not let them add up")
    mutating func opening() throws {
        let early = try permit(at: 0)
        #expect(machine.failed(try permit(at: 0), at: start) == .counted)
        machine.succeeded(early)
        #expect(machine.failed(try permit(at: 0), at: start) == .counted)
        #expect(!machine.isOpen)
        #expect(machine.failed(try permit(at: 0), at: start) == .counted)
        #expect(machine.isOpen)
        #expect(machine.ask(at: later(1)) == .wait(until: later(5)))
    }

    private mutating func open() throws {
        for _ in 0..<2 { _ = machine.failed(try permit(at: 0), at: start) }
    }

    @Test("after the pause exactly one passes, and its success lets all pass")
    mutating func closing() throws {
        try open()
        let probe = try permit(at: 5)
        #expect(probe.isProbe)
        #expect(machine.ask(at: later(6)) == .wait(until: nil))
        machine.succeeded(probe)
        #expect(!machine.isOpen)
        #expect(try !permit(at: 6).isProbe)
    }

    @Test("a probe that fails is held, and pauses grow up to the limit")
    mutating func growing() throws {
        try open()
        var now = 5.0
        for pause in [10.0, 15, 15] {
            let probe = try permit(at: now)
            #expect(machine.failed(probe, at: later(now)) == .held)
            #expect(machine.ask(at: later(now)) == .wait(until: later(now + pause)))
            now += pause
        }
    }

    @Test("a server's own wish makes a pause longer, never shorter, and no longer than 15 minutes")
    mutating func wishes() throws {
        _ = machine.failed(try permit(at: 0), at: start, wish: .seconds(60))
        _ = machine.failed(try permit(at: 0), at: start, wish: .seconds(60))
        #expect(machine.ask(at: later(1)) == .wait(until: later(60)))
        #expect(machine.failed(try permit(at: 60), at: later(60), wish: .seconds(1)) == .held)
        #expect(machine.ask(at: later(61)) == .wait(until: later(70)))
        #expect(machine.failed(try permit(at: 70), at: later(70), wish: .seconds(9_999)) == .held)
        #expect(machine.ask(at: later(71)) == .wait(until: later(970)))
    }

    @Test("reports of tries from before change nothing")
    mutating func late() throws {
        let (slow, slower, slowest) = (try permit(at: 0), try permit(at: 0), try permit(at: 0))
        try open()
        #expect(machine.failed(slow, at: later(1)) == .held)
        machine.succeeded(slower)
        #expect(machine.ask(at: later(4)) == .wait(until: later(5)))
        let probe = try permit(at: 5)
        #expect(machine.failed(slowest, at: later(6)) == .held)
        machine.succeeded(slower)
        #expect(machine.isOpen)
        machine.succeeded(probe)
        #expect(machine.failed(slowest, at: later(7)) == .counted)
        #expect(machine.state == .closed(failures: 0))
    }

    @Test("a probe that was not used leaves its place to the next")
    mutating func abandoned() throws {
        try open()
        machine.abandoned(try permit(at: 5), at: later(6))
        #expect(machine.isOpen)
        #expect(try permit(at: 6).isProbe)
    }

    @Test(
        "whatever happens in whatever order, at most one probe is out, and a success of it closes",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    mutating func randomly(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var out: [Machine.Permit] = []
        var now = 0.0
        for step in 0..<5_000 {
            now += Double.random(in: 0...3, using: &generator)
            if out.count < 8, case .pass(let permit) = machine.ask(at: later(now)) { out.append(permit) }
            let probes = out.filter { $0.isProbe && machine.isCurrent($0) }
            #expect(probes.count <= 1, "step \(step)")
            guard Bool.random(using: &generator), let index = out.indices.randomElement(using: &generator)
            else {
                continue
            }
            let permit = out.remove(at: index)
            let wasProbe = permit.isProbe && machine.isCurrent(permit)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                machine.succeeded(permit)
                if wasProbe { #expect(!machine.isOpen) }
            case 1:
                _ = machine.failed(permit, at: later(now))
                if wasProbe { #expect(machine.isOpen) }
            default: machine.abandoned(permit, at: later(now))
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed, so that a failure can be run again.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
