import FoundationEssentials
import RabbitMQ
import Testing
import WorkQueue

@testable import OrderCtl

@Suite("The broker compared with what it should have")
struct TopologyCheckTests {
    private let expected = Topology.service("inventory", of: "orders.events", retry: .standard)

    /// What a broker's management API would list after the topology was declared.
    private func asDeclared(_ expected: Topology? = nil) -> BrokerObjects {
        let expected = expected ?? self.expected
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
                    key: $0.routingKey,
                    arguments: values($0.arguments)
                )
            }
                + expected.exchangeBindings.map {
                    .init(
                        source: $0.source,
                        destination: $0.destination,
                        destinationKind: "exchange",
                        key: $0.routingKey,
                        arguments: values($0.arguments)
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

    /// What a broker has after a worker with a broker filter has started.
    private func filtered() -> BrokerObjects {
        let direct = Binding(exchange: "orders.events", queue: "inventory")
        let declared =
            expected
            + .filteredBinding(
                queue: "inventory",
                exchange: "orders.events",
                headers: ["cloudEvents_type": "order.created"]
            )
        var found = asDeclared(declared)
        found.bindings.removeAll { $0.source == direct.exchange && $0.destination == direct.queue }
        return found
    }

    private func said(_ found: BrokerObjects) -> [String] {
        TopologyCheck(expected: expected, found: found).differences
            .map { difference in
                #expect(difference.mend != nil, "\(difference.object)")
                return "\(difference.object): \(difference.what), \(difference.expected), \(difference.found)"
            }
    }

    @Test("a service may take its events through its filter exchange")
    func filteredService() {
        #expect(TopologyCheck(expected: expected, found: filtered()).differences.isEmpty)
    }

    @Test("a filter that is not whole, or not the only way, is said with how to mend it")
    func brokenFilters() throws {
        var found = filtered()
        found.bindings.removeAll { $0.destinationKind == "exchange" }
        #expect(
            said(found) == [
                "binding of exchange inventory.filter to orders.events: existence, present, absent"
            ]
        )

        found = filtered()
        found.bindings.removeAll { $0.source == "inventory.filter" }
        #expect(said(found) == ["binding of inventory to inventory.filter: existence, present, absent"])

        found = filtered()
        found.exchanges.removeAll { $0.name == "inventory.filter" }
        found.bindings.removeAll { $0.source == "inventory.filter" || $0.destination == "inventory.filter" }
        #expect(said(found) == ["binding of inventory to orders.events: existence, present, absent"])

        found = filtered()
        let exchange = try #require(found.exchanges.firstIndex { $0.name == "inventory.filter" })
        found.exchanges[exchange].type = "topic"
        #expect(said(found) == ["exchange inventory.filter: type, headers, topic"])

        found = filtered()
        found.bindings += asDeclared().bindings
        #expect(
            said(found) == [
                "binding of inventory to orders.events: stale, absent: inventory.filter is used, present"
            ]
        )

        found = asDeclared()
        found.exchanges.append(
            .init(name: "inventory.filter", type: "headers", durable: true, arguments: [:])
        )
        #expect(
            said(found)
                == ["exchange inventory.filter: stale, absent: inventory is bound to orders.events, present"]
        )
    }

    @Test("bindings that earlier filters left are said with their headers")
    func staleFilters() throws {
        var found = filtered()
        var old = try #require(found.bindings.first { $0.source == "inventory.filter" })
        old.arguments["cloudEvents_type"] = .text("order.cancelled")
        found.bindings.append(old)
        #expect(
            said(found) == [
                "binding of inventory to inventory.filter: stale, 1 set of headers, "
                    + "cloudEvents_type=\"order.cancelled\"; cloudEvents_type=\"order.created\""
            ]
        )
        found = filtered()
        let way = try #require(found.bindings.firstIndex { $0.source == "inventory.filter" })
        found.bindings[way].arguments["x-match"] = .text("any")
        #expect(
            said(found) == ["binding of inventory to inventory.filter: argument x-match, \"all\", \"any\""]
        )
    }

    @Test("a filter exchange that is declared beside the events is compared like everything else")
    func declaredFilter() {
        let both =
            expected
            + .filteredBinding(queue: "inventory", exchange: "elsewhere", headers: ["cloudEvents_type": "a"])
        #expect(TopologyCheck(expected: both, found: asDeclared(both)).differences.isEmpty)
        var found = asDeclared(both)
        found.bindings.removeAll { $0.source == "orders.events" || $0.destinationKind == "exchange" }
        let objects = TopologyCheck(expected: both, found: found).differences.map(\.object)
        #expect(
            objects == [
                "binding of exchange inventory.filter to elsewhere", "binding of inventory to orders.events",
            ]
        )
        found = asDeclared(both)
        for index in found.bindings.indices where found.bindings[index].source == "inventory.filter" {
            found.bindings[index].arguments["cloudEvents_type"] = .text("b")
        }
        #expect(TopologyCheck(expected: both, found: found).differences.count == 1)
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
        #expect(try BrokerAddress.management(of: "amqps://u:p@broker:5671/x") == "https://broker:15671")
        #expect(throws: CommandError.self) { try BrokerAddress.management(of: "nonsense") }
    }
}
