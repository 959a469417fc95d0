import Testing

@testable import RabbitMQ

@Suite("Model")
struct ModelTests {
    @Test("broker URLs are read with everything that may be left out")
    func urls() throws {
        let full = try Endpoint(url: "amqps://us%65r:p%40ss@broker.example:5673/shop%2Fone")
        #expect(
            full
                == Endpoint(
                    host: "broker.example",
                    port: 5673,
                    user: "user",
                    password: "p@ss",
                    virtualHost: "shop/one",
                    usesTLS: true
                )
        )
        #expect(try Endpoint(url: "amqp://localhost") == Endpoint(host: "localhost", port: 5672))
        #expect(try Endpoint(url: "amqp://localhost/").virtualHost == "/")
        #expect(
            try Endpoint(url: "amqp://a:b@[::1]:1/x")
                == Endpoint(host: "::1", port: 1, user: "a", password: "b", virtualHost: "x")
        )
        let list = try Endpoint.parseList("amqp://a:1/, amqp://b:2/")
        #expect(list.map(\.host) == ["a", "b"])
    }

    @Test("properties are values: changing a copy changes no other")
    func properties() {
        let original = MessageProperties(headers: ["a": 1], messageID: "m")
        var copy = original
        #expect(copy == original && copy.hashValue == original.hashValue)
        copy.headers["a"] = 2
        copy.priority = 3
        #expect(original == MessageProperties(headers: ["a": 1], messageID: "m"))
        #expect(copy.headers["a"] == 2 && copy.priority == 3 && copy.messageID == "m")
        #expect(copy != original)
    }

    @Test(
        "a wrong URL is refused with its rule and without its password",
        arguments: [
            "", "http://host", "amqp://", "amqp://user:sekret@", "amqp://user:sekret@host:0",
            "amqp://u:sekret@host:99999",
            "amqp://u:sekret%zz@host", "amqp://host/?heartbeat=1", "amqp://u:sekret@ho:st:x",
            "amqp://a,amqp://u:sekret@b:x",
        ]
    )
    func wrongURLs(url: String) {
        let error = #expect(throws: EndpointError.self) { try Endpoint.parseList(url) }
        #expect(error?.description.contains("sekret") == false)
    }

    @Test("an endpoint never shows its password")
    func secret() throws {
        let endpoint = try Endpoint(url: "amqp://user:sekret@host:1/v")
        #expect("\(endpoint)" == "amqp://host:1/v")
        #expect(!String(reflecting: endpoint).contains("sekret"))
    }

    @Test("a topology names everything that cannot work")
    func validation() {
        let queue = QueueDeclaration(
            "q",
            arguments: ["x-dead-letter-exchange": "gone", "x-dead-letter-strategy": "at-least-once"]
        )
        let topology = Topology(
            exchanges: [ExchangeDeclaration("amq.mine", kind: .direct)],
            queues: [queue, QueueDeclaration("q"), QueueDeclaration("")],
            bindings: [Binding(exchange: "nowhere", queue: "q")]
        )
        let error = #expect(throws: TopologyError.self) { try topology.validate() }
        #expect(error?.problems.count == 6, "\(String(describing: error))")
    }

    @Test("what one topology declares, another does not remove, in whatever order they are put together")
    func removals() {
        let exchange = ExchangeDeclaration("e", kind: .fanout)
        let binding = Binding(exchange: "e", queue: "q")
        let declaring = Topology(exchanges: [exchange], bindings: [binding])
        let other = Binding(exchange: "f", queue: "q")
        let removing = Topology(removedBindings: [binding, other, other], removedExchanges: ["e", "f", "f"])
        for topology in [declaring + removing, removing + declaring] {
            #expect(topology.exchanges == [exchange])
            #expect(topology.bindings == [binding])
            #expect(topology.removedBindings == [other])
            #expect(topology.removedExchanges == ["f"])
        }
        #expect("\(removing)".split(separator: "\n").count == 4)
    }

    @Test("a binding between exchanges that are not there is a problem")
    func exchangeBindings() {
        let topology = Topology(
            exchanges: [ExchangeDeclaration("e", kind: .fanout)],
            exchangeBindings: [ExchangeBinding(source: "e", destination: "nowhere")]
        )
        let error = #expect(throws: TopologyError.self) { try topology.validate() }
        #expect(error?.problems == ["a binding names exchange nowhere, which is not declared"])
        #expect("\(topology)".contains("binding  e -> exchange nowhere"))
    }

    @Test("tables keep their order and replace in place")
    func tables() {
        var table: FieldTable = ["a": 1, "b": "two", "c": true]
        table["b"] = 2
        table["a"] = nil
        table["d"] = .void
        #expect(table.entries.map(\.name) == ["b", "c", "d"])
        #expect("\(table)" == "{b=2, c=true, d=void}")
        #expect(table.merging(["c": false, "e": 5])["c"] == false)
    }

    @Test("advice follows from what happened")
    func advice() {
        #expect(RabbitMQError(.unreachable, during: .connect, "").advice == .retryLater)
        #expect(RabbitMQError(.outcomeUnknown, during: .declare, "").advice == .checkBeforeRetrying)
        #expect(RabbitMQError(.refused(.notFound), during: .get, "").advice == .giveUp)
    }
}
