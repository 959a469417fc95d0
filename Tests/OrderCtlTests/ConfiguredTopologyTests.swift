import EventLog
import FoundationEssentials
import OrderEvents
import RabbitMQ
import TestSupport
import Testing
import WorkQueue

@testable import OrderCtl

@Suite("The topology that a service's own settings ask for")
struct ConfiguredTopologyTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func topology(
        _ service: String = "inventory",
        _ file: String = "",
        _ environment: [String: String] = [:],
        _ flags: [String] = []
    ) async throws -> Topology {
        let program = service == Topology.orderServiceName ? service : "\(service)-worker"
        try Data(file.utf8).write(to: URL(filePath: directory.text(of: "\(program).yaml")))
        let all = environment.merging(["CONFIG_DIRECTORY": directory.text]) { $1 }
        return await ConfiguredTopology(of: service, environment: all, flags: flags).topology
    }

    private func tiers(_ topology: Topology) -> [String] {
        topology.queues.map(\.name).filter { $0.contains(".retry.") }
    }

    @Test("the ladder is that of flag, environment, file, default, in this order")
    func ladder() async throws {
        let file = "retry:\n  delays: 2s\n"
        #expect(try await tiers(topology()).count == 5)
        #expect(try await tiers(topology("inventory", file)) == ["inventory.retry.2s"])
        let environment = ["RETRY_DELAYS": "3s"]
        #expect(try await tiers(topology("inventory", file, environment)) == ["inventory.retry.3s"])
        let flags = ["--retry-delays=4s"]
        #expect(try await tiers(topology("inventory", file, environment, flags)) == ["inventory.retry.4s"])
        let own = try await topology(Topology.orderServiceName, file)
        #expect(tiers(own) == ["order-service.retry.2s"])
        #expect(own.exchanges.contains { $0.name == "order-service.filter" })
    }

    @Test("a broker filter's way is part of it, and without one there is none left")
    func filter() async throws {
        let filtered = try await topology(
            "inventory",
            "worker:\n  broker-filter: 'type == \"order.created\"'\n"
        )
        #expect(filtered.exchanges.contains { $0.name == "inventory.filter" && $0.kind == .headers })
        #expect(!filtered.bindings.contains(Binding(exchange: OrderEvents.exchangeName, queue: "inventory")))
        let plain = try await topology()
        #expect(plain.removedExchanges == ["inventory.filter"])
        #expect(plain.bindings.contains(Binding(exchange: OrderEvents.exchangeName, queue: "inventory")))
    }

    @Test("settings that the program will refuse give the usual objects")
    func broken() async throws {
        let usual = try await topology()
        #expect(try await topology("inventory", "retry:\n  delays: often\nworker: 7\n") == usual)
        #expect(try await topology("inventory", "- no\n- settings") == usual)
    }
}
