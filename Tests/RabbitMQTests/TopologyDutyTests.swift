import Testing

@testable import RabbitMQ

@Suite("Declaring a topology, or looking for it")
struct TopologyDutyTests {
    private let topology = Topology(
        exchanges: [
            ExchangeDeclaration("e", kind: .fanout), ExchangeDeclaration("q.failures", kind: .direct),
        ],
        queues: [
            QueueDeclaration("q.dead"),
            QueueDeclaration("q", arguments: ["x-dead-letter-exchange": "q.failures"]),
            QueueDeclaration("q.retry.1s", arguments: ["x-dead-letter-exchange": ""]),
        ],
        exchangeBindings: [ExchangeBinding(source: "e", destination: "q.failures")],
        bindings: [Binding(exchange: "e", queue: "q")],
        removedBindings: [Binding(exchange: "q.failures", queue: "q")],
        removedExchanges: ["old"]
    )
    private let opening: [OutboundMethod] = [.basicConsume(queue: "q", consumerTag: "t")]

    /// The machine before each of its steps.
    private func machines(_ duty: TopologyDuty) -> [SetupMachine] {
        var machine = SetupMachine(topology: topology, duty: duty, opening: opening)
        var all: [SetupMachine] = []
        while let current = machine.current {
            all.append(machine)
            let answer: InboundMethod =
                switch current {
                case .exchangeDeclare, .exchangeDeclarePassive: .exchangeDeclareOk
                case .queueDeclare, .queueDeclarePassive:
                    .queueDeclareOk(name: "", messages: 0, consumers: 0)
                case .exchangeBind: .exchangeBindOk
                case .queueBind: .queueBindOk
                case .queueUnbind: .queueUnbindOk
                case .exchangeDelete: .exchangeDeleteOk
                default: .basicConsumeOk(consumerTag: "t")
                }
            let isTaken = machine.received(answer)
            #expect(isTaken)
        }
        return all
    }

    @Test("verifying asks for every exchange and queue, changes nothing, and then opens as ever")
    func questions() {
        #expect(
            machines(.verify(remedy: "mend it")).map(\.current) == [
                .exchangeDeclarePassive("e"), .exchangeDeclarePassive("q.failures"),
                .queueDeclarePassive("q.dead"), .queueDeclarePassive("q"), .queueDeclarePassive("q.retry.1s"),
                .basicConsume(queue: "q", consumerTag: "t"),
            ]
        )
    }

    @Test("what is missing is named with its remedy, and nothing else is said")
    func missing() {
        let said = machines(.verify(remedy: "orderctl topology apply q"))
            .map { "\($0.refused(.notFound, "NOT_FOUND - …"))" }
        #expect(
            said.dropLast() == [
                "exchange e is missing: orderctl topology apply q",
                "exchange q.failures is missing: orderctl topology apply q",
                "queue q.dead is missing: orderctl topology apply q",
                "queue q is missing: orderctl topology apply q",
                "queue q.retry.1s is missing: orderctl topology apply q",
            ]
        )
    }

    @Test("a refused declaration names the permission that the login needs, and how to do without it")
    func permissions() {
        let needed = machines(.declare)
            .map { machine in
                let error = machine.refused(.accessRefused, "ACCESS_REFUSED - …")
                #expect(error.kind == .refused(.accessRefused))
                return error.detail.split(separator: "; the login needs ").last ?? ""
            }
        let wanted = [
            "configure on e", "configure on q.failures", "configure on q.dead",
            "configure and read on q and write on q.failures",
            "configure and read on q.retry.1s and write on amq.default",
            "write on q.failures and read on e", "write on q and read on e",
            "write on q and read on q.failures", "configure on old",
        ]
        .map { "\($0), or rabbitmq.topology=verify where an operator declares" }
        #expect(needed.map(String.init) == wanted + ["read on q"])
        #expect(
            machines(.verify(remedy: "mend it")).last?.refused(.accessRefused, "no").detail
                == "consumer of q: no; the login needs read on q"
        )
    }
}
