import FoundationEssentials
import RabbitMQ
import Testing
import WorkQueue

@testable import OrderCtl

@Suite("The broker compared with what it should have")
struct TopologyCheckTests {
    private let expected = Topology.service("inventory", of: "orders.events", retry: .standard)

    /// What a broker's management API would list after the topology was declared.
    private func asDeclared() -> BrokerObjects {
        func values(_ table: FieldTable) -> [String: ArgumentValue] {
            Dictionary(table.entries.map { ($0.name, ArgumentValue($0.value)) }) { first, _ in first }
        }
        return BrokerObjects(
            exchanges: expected.exchanges.map {
                .init(name: $0.name, type: $0.kind.rawValue, durable: true, arguments: values($0.arguments))
            },
            queues: expected.queues.map {
                .init(name: $0.name, durable: true, arguments: values($0.arguments))
            },
            bindings: expected.bindings.map {
                .init(
                    source: $0.exchange,
                    destination: $0.queue,
                    destinationKind: "queue",
                    key: $0.routingKey
                )
            }
        )
    }

    @Test("nothing differs after it was declared")
    func same() {
        #expect(TopologyCheck(expected: expected, found: asDeclared()).differences.isEmpty)
    }

    @Test("each difference is said with what was expected and what was found")
    func differences() throws {
        var found = asDeclared()
        found.exchanges[0].type = "topic"
        let queue = try #require(found.queues.firstIndex { $0.name == "inventory" })
        found.queues[queue].arguments["x-delivery-limit"] = .text("20")
        found.queues[queue].arguments["x-max-length"] = .number(5)
        found.queues[queue].durable = false
        found.queues.removeAll { $0.name == "inventory.dead" }
        found.bindings.removeAll { $0.source == "orders.events" }
        let said = TopologyCheck(expected: expected, found: found).differences
            .map { "\($0.object): \($0.what), \($0.expected), \($0.found)" }
        #expect(
            Set(said) == [
                "exchange orders.events: type, fanout, topic",
                "queue inventory: lifetime, durable, transient",
                "queue inventory: argument x-delivery-limit, 20, \"20\"",
                "queue inventory: argument x-max-length, absent, 5",
                "queue inventory.dead: existence, present, absent",
                "binding of inventory to orders.events: existence, present, absent",
            ]
        )
    }

    @Test("arguments are read with their kinds")
    func argumentKinds() throws {
        let json = #"{"a":20,"b":"20","c":true,"d":[1]}"#
        let values = try JSONDecoder().decode([String: ArgumentValue].self, from: Data(json.utf8))
        #expect(values == ["a": .number(20), "b": .text("20"), "c": .flag(true), "d": .other])
    }

    @Test("a virtual host is escaped in a path")
    func escaping() {
        #expect(ManagementAPI.escaped("/") == "%2F")
        #expect(ManagementAPI.escaped("a b/ü") == "a%20b%2F%C3%BC")
    }

    @Test("the management API is looked for on the broker's host")
    func managementAddress() throws {
        #expect(try BrokerAddress.management(of: "amqp://u:p@broker:5673/x") == "http://broker:15672")
        #expect(throws: CommandError.self) { try BrokerAddress.management(of: "nonsense") }
    }
}
