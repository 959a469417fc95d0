import Synchronization
import Testing

@testable import ServiceKit

@Suite("Health")
struct HealthTests {
    @Test("a program without checks is healthy")
    func noChecks() async {
        let report = await HealthRegistry().readiness()
        #expect(report.isHealthy)
        #expect(report.json == #"{"status":"ok","checks":{}}"#)
    }

    @Test("one failing check makes the program unavailable, and its reason is shown")
    func failing() async {
        let health = HealthRegistry()
        health.register("database") { .ok }
        health.register("broker") { .failing("not \"connected\"") }
        let report = await health.readiness()
        #expect(!report.isHealthy)
        #expect(
            report.json
                == #"{"status":"unavailable","checks":{"broker":"not \"connected\"","database":"ok"}}"#
        )
        #expect(health.liveness.isHealthy)
    }

    @Test("a check that hangs is late, is started only once, and does not hold up the others")
    func hanging() async {
        let health = HealthRegistry(deadline: .milliseconds(50))
        let starts = Mutex(0)
        let gate = AsyncStream.makeStream(of: Void.self)
        health.register("broker") {
            starts.withLock { $0 += 1 }
            // Ignores cancellation, as a call into a library might.
            await withCheckedContinuation { continuation in
                // Unstructured because the check itself must not be what is cancelled.
                Task {
                    for await _ in gate.stream { break }
                    continuation.resume()
                }
            }
            return .ok
        }
        health.register("database") { .ok }
        for _ in 0..<3 {
            let checks = await health.readiness().checks
            #expect(checks.map(\.name) == ["broker", "database"])
            #expect(checks.first?.result == .failing("no answer within 50ms"))
            #expect(checks.last?.result == .ok)
        }
        #expect(starts.withLock { $0 } == 1)
        gate.continuation.yield()
        gate.continuation.finish()
    }

    @Test("a program that is stopping is not ready")
    func stopping() async {
        let health = HealthRegistry()
        health.beginStopping()
        #expect(await health.readiness().json == #"{"status":"unavailable","checks":{"program":"stopping"}}"#)
    }
}
