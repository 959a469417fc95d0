import ArgumentParser
import Synchronization
import TestSupport
import Testing

@testable import OrderCtl

@Suite("A load through the usual HTTP client")
struct CurlLoadTests {
    private func load(
        _ plan: LoadPlan,
        until stop: StopSign = StopSign()
    ) async throws -> LoadRecord {
        let script = "\(PackageLayout.root)/Tests/Servers/moody_order_server.py"
        return try await ProgramUnderTest.with("/usr/bin/python3", [script]) { server in
            let port = try await server.line(containing: "listening on").split(separator: " ").last ?? ""
            let options = try LocationOptions.parse([
                "--order-service", "http://127.0.0.1:\(port)/shop", "--directory", "/nonexistent",
            ])
            let location = try await options.locate()
            return await CurlLoad(
                plan: plan,
                client: OrderServiceClient(location, connections: plan.connections),
                bodies: OrderRequests(to: nil, key: nil, product: 1).bodies
            )
            .run(until: stop)
        }
    }

    @Test("every order that was due is in one of the figures, whatever the server does")
    func figures() async throws {
        let counter = Counter()
        var plan = LoadPlan(pace: .open(rate: 60), length: .seconds(1), connections: 4)
        plan.accepted = { _, intended, answered in if intended < answered { counter.add() } }
        let record = try await load(plan)
        #expect(record.begun + record.unsent == 60)
        #expect(record.begun == record.answered + record.failed)
        #expect(record.accepted > 0 && record.failed > 0 && record.statuses[503] != nil)
        #expect(record.accepted == counter.count && record.latency.count == record.accepted)
    }

    @Test("a load that nobody wants any more sends nothing")
    func stopped() async throws {
        let stop = StopSign()
        stop.raise()
        let plan = LoadPlan(pace: .closed, length: .seconds(60), connections: 2)
        #expect(try await load(plan, until: stop).begun == 0)
    }

    private final class Counter: Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }
        func add() { state.withLock { $0 += 1 } }
    }
}
