import Logging
import ServiceKit
import ServiceLifecycle
import Synchronization
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

@Suite("Waiting at the circuit breaker, and for one's turn")
struct CircuitBreakerTests {
    private let screen = Screen()
    private let metrics = PrometheusRegistry()

    private func breaker(pause: Duration = .milliseconds(100)) -> CircuitBreaker {
        CircuitBreaker(
            "smtp",
            policy: BreakerPolicy(failures: 1, pause: pause, longestPause: .seconds(60)),
            logger: screen.logger,
            metrics: metrics
        )
    }

    private func open(_ breaker: CircuitBreaker) async throws {
        guard case .permitted(let permit) = await breaker.admit(within: .zero) else {
            throw NotInTime(description: "a closed breaker admits")
        }
        #expect(breaker.failed(permit, because: "it is down") == .counted)
    }

    @Test("of many who wait one probes, and its success lets all through")
    func probing() async throws {
        let breaker = breaker()
        try await open(breaker)
        let probes = SharedCount()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    guard case .permitted(let permit) = await breaker.admit(within: .seconds(30)) else {
                        Issue.record("not admitted")
                        return
                    }
                    if permit.isProbe { probes.increment() }
                    breaker.succeeded(permit)
                }
            }
        }
        #expect(probes.value == 1)
        #expect(!breaker.isOpen)
        let log = screen.shown.joined()
        #expect(log.contains("Circuit breaker opened: events wait in the queue"))
        #expect(log.contains("Circuit breaker probes"))
        #expect(log.contains("Circuit breaker closed: events flow again"))
    }

    @Test("the gauge says 1 while it is open")
    func gauge() async throws {
        let breaker = breaker()
        func value() -> Bool { metrics.text().contains(#"circuit_breaker_open{transport="smtp"} 1"#) }
        #expect(!value())
        try await open(breaker)
        #expect(value())
        guard case .permitted(let probe) = await breaker.admit(within: .seconds(30)) else {
            Issue.record("no probe")
            return
        }
        breaker.succeeded(probe)
        #expect(!value())
    }

    @Test("who waits too long, or is cancelled, goes away")
    func impatience() async throws {
        let breaker = breaker(pause: .seconds(60))
        try await open(breaker)
        #expect(await breaker.admit(within: .milliseconds(20)) == .heldTooLong)
        let waiting = Gate()
        await withTaskGroup(of: CircuitBreaker.Admission.self) { group in
            group.addTask {
                waiting.open()
                return await breaker.admit(within: .seconds(60))
            }
            await waiting.wait()
            group.cancelAll()
            #expect(await group.next() == .stopping)
        }
    }

    /// Waits as a handler does, until the program stops.
    private struct Waiting: Service {
        let started: Gate
        let wait: @Sendable () async -> Bool
        let answer: @Sendable (Bool) -> Void

        func run() async throws {
            started.open()
            answer(await wait())
        }
    }

    private func stop(while wait: @escaping @Sendable () async -> Bool) async throws -> Bool {
        let started = Gate()
        let result = SharedAnswer()
        let service = Waiting(started: started, wait: wait) { result.set($0) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: screen.logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await started.wait()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        return result.value
    }

    @Test("a program that stops keeps nobody at the breaker")
    func stopping() async throws {
        let breaker = breaker(pause: .seconds(60))
        try await open(breaker)
        #expect(try await stop { await breaker.admit(within: .seconds(60)) == .stopping })
    }

    @Test("a program that stops keeps nobody waiting for a turn")
    func stoppingTurn() async throws {
        let rate = SendRate(perSecond: 0.01)
        #expect(await rate.wait(within: .seconds(1)) == .come)
        #expect(try await stop { await rate.wait(within: .seconds(600)) == .stopping })
    }

    @Test("turns are evenly spaced, and one that is too far away is not taken")
    func turns() {
        let start = ContinuousClock.now
        var bucket = TokenBucket<ContinuousClock.Instant>(perSecond: 4)
        let moments = (0..<5).map { _ in bucket.take(at: start, within: .seconds(1)) }
        #expect(moments == [0, 250, 500, 750, 1_000].map { start.advanced(by: .milliseconds($0)) })
        #expect(bucket.take(at: start, within: .seconds(1)) == nil)
        let quiet = start.advanced(by: .seconds(60))
        #expect(bucket.take(at: quiet, within: .zero) == quiet)
        #expect(bucket.take(at: quiet, within: .seconds(1)) == quiet.advanced(by: .milliseconds(250)))
    }

    @Test("no more come in a second than the rate allows, however many wait")
    func pace() async {
        let rate = SendRate(perSecond: 200)
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<101 { group.addTask { _ = await rate.wait(within: .seconds(60)) } }
        }
        #expect(start.duration(to: .now) >= .milliseconds(500))
    }
}

private final class SharedAnswer: Sendable {
    private let answer = Mutex(false)

    var value: Bool { answer.withLock { $0 } }

    func set(_ value: Bool) { answer.withLock { $0 = value } }
}

private final class SharedCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func increment() { count.withLock { $0 += 1 } }
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
