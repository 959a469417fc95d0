import Logging
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import WorkQueue

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
