import Testing

@testable import RabbitMQ

@Suite("A subscription and its intake")
struct SubscriptionTests {
    private func machine(first: Intake = .single) -> SubscriptionMachine {
        var machine = SubscriptionMachine(queue: "q", prefetch: 64, first: first)
        machine.opened()
        return machine
    }

    @Test("a fresh channel takes what it was told to take first")
    func opening() {
        #expect(
            machine().opening == [.basicQos(prefetch: 1), .basicConsume(queue: "q", consumerTag: "worker-1")]
        )
        #expect(machine(first: .full).limit == 64)
        #expect(machine(first: .paused).isQuiet)
    }

    @Test("another intake begins under a new tag before the old one is cancelled")
    func widening() {
        var machine = machine()
        #expect(
            machine.take(.full) == [
                .basicQos(prefetch: 64), .basicConsume(queue: "q", consumerTag: "worker-2"),
                .basicCancel(consumerTag: "worker-1"),
            ]
        )
        #expect(machine.take(.full).isEmpty)
        #expect(machine.isPresent("worker-2") && !machine.isPresent("worker-1"))
    }

    @Test("it is quiet only when every cancellation is answered")
    func quiet() {
        var machine = machine()
        _ = machine.take(.full)
        #expect(machine.take(.paused) == [.basicCancel(consumerTag: "worker-2")])
        machine.cancelAnswered()
        #expect(!machine.isQuiet && machine.isCancelling)
        machine.cancelAnswered()
        #expect(machine.isQuiet && !machine.isCancelling)
        #expect(machine.take(.single).count == 2)
        #expect(!machine.isQuiet)
    }

    @Test("a new channel begins anew, whatever the old one had come to")
    func lost() {
        var machine = machine()
        _ = machine.take(.full)
        machine.lost()
        #expect(machine.isQuiet)
        machine.opened()
        #expect(machine.intake == .single && machine.isPresent("worker-1"))
    }
}
