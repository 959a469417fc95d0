import Confinement
import RabbitMQ
import Testing

@testable import WorkQueue

@Suite("Handling suspects alone")
struct SolitudeMachineTests {
    private let start = Deadline.now

    private func delivery(_ number: UInt64, epoch: UInt32 = 1) -> Delivery {
        Delivery(
            tag: DeliveryTag(epoch: epoch, number: number),
            wasRedelivered: false,
            exchange: "",
            routingKey: "",
            properties: MessageProperties(),
            body: []
        )
    }

    private func tag(_ number: UInt64, epoch: UInt32 = 1) -> DeliveryTag {
        DeliveryTag(epoch: epoch, number: number)
    }

    @Test("the first delivery decides: an ordinary one opens the way for all")
    func widening() {
        var machine = SolitudeMachine()
        let first = machine.arrived(delivery(1), isSuspect: false, at: start)
        #expect(first == [.take(.full, tag(1)), .handle(delivery(1))])
        #expect(machine.arrived(delivery(2), isSuspect: false, at: start) == [.handle(delivery(2))])
        #expect(machine.finished().isEmpty)
    }

    @Test("a suspect that comes first is handled alone, and the next one too, until one is ordinary")
    func alone() {
        var machine = SolitudeMachine()
        #expect(
            machine.arrived(delivery(1), isSuspect: true, at: start)
                == [.sayAlone, .handleAlone(delivery(1), isCertain: true)]
        )
        #expect(machine.finishedAlone(tag(1)) == [.take(.single, tag(1))])
        #expect(
            machine.arrived(delivery(2), isSuspect: true, at: start)
                == [.handleAlone(delivery(2), isCertain: true)]
        )
        #expect(machine.finishedAlone(tag(2)) == [.take(.single, tag(2))])
        #expect(
            machine.arrived(delivery(3), isSuspect: false, at: start)
                == [.take(.full, tag(3)), .sayTogether, .handle(delivery(3))]
        )
    }

    @Test("a suspect among others waits until nothing comes and everything else is finished")
    func amongOthers() {
        var machine = SolitudeMachine()
        _ = machine.arrived(delivery(1), isSuspect: false, at: start)
        _ = machine.arrived(delivery(2), isSuspect: false, at: start)
        #expect(machine.arrived(delivery(3), isSuspect: true, at: start) == [.sayAlone, .pause(tag(3))])
        #expect(machine.arrived(delivery(4), isSuspect: true, at: start).isEmpty)
        #expect(machine.finished().isEmpty)
        #expect(machine.paused(5, after: tag(3), at: start).isEmpty)
        #expect(machine.finished().isEmpty, "the fifth has not been taken yet")
        #expect(machine.arrived(delivery(5), isSuspect: false, at: start) == [.handle(delivery(5))])
        #expect(machine.finished() == [.handleAlone(delivery(3), isCertain: true)])
        #expect(machine.finishedAlone(tag(3)) == [.handleAlone(delivery(4), isCertain: true)])
        #expect(machine.finishedAlone(tag(4)) == [.take(.single, tag(5))])
    }

    @Test(
        "an ordinary delivery is let in at once only while all that may come is taken, and counts like any other"
    )
    func admission() {
        var machine = SolitudeMachine()
        let isFirstIn = machine.admit(tag(1))
        #expect(!isFirstIn, "the first decides how many may come")
        _ = machine.arrived(delivery(1), isSuspect: false, at: start)
        let isIn = machine.admit(tag(2))
        #expect(isIn)
        let isStrangerIn = machine.admit(tag(1, epoch: 2))
        #expect(!isStrangerIn, "of a connection that is not known yet")
        _ = machine.arrived(delivery(3), isSuspect: true, at: start)
        let isLateIn = machine.admit(tag(4))
        #expect(!isLateIn, "a suspect waits for the others")
        _ = machine.arrived(delivery(4), isSuspect: false, at: start)
        #expect(machine.paused(4, after: tag(3), at: start).isEmpty)
        #expect(machine.finished().isEmpty)
        #expect(machine.finished().isEmpty)
        #expect(machine.finished() == [.handleAlone(delivery(3), isCertain: true)])
        let isBesideIn = machine.admit(tag(5))
        #expect(!isBesideIn, "a suspect is handled")
    }

    @Test("a suspect does not wait for ever, and its end would then prove nothing")
    func patience() {
        var machine = SolitudeMachine()
        _ = machine.arrived(delivery(1), isSuspect: false, at: start)
        _ = machine.arrived(delivery(2), isSuspect: true, at: start)
        #expect(machine.paused(2, after: tag(2), at: start).isEmpty)
        #expect(machine.clockMoved(to: start.advanced(by: .seconds(29))).isEmpty)
        #expect(
            machine.clockMoved(to: start.advanced(by: .seconds(30)))
                == [.handleAlone(delivery(2), isCertain: false)]
        )
        #expect(machine.finishedAlone(tag(2)) == [.take(.single, tag(2))], "the first may hang for hours")
        #expect(machine.finished().isEmpty)
    }

    @Test("a lost connection begins anew, and what is still handled counts until it ends")
    func lost() {
        var machine = SolitudeMachine()
        _ = machine.arrived(delivery(1), isSuspect: true, at: start)
        #expect(machine.arrived(delivery(1, epoch: 2), isSuspect: true, at: start).isEmpty)
        #expect(machine.arrived(delivery(9), isSuspect: false, at: start).isEmpty, "of the old connection")
        #expect(machine.finishedAlone(tag(1)) == [.handleAlone(delivery(1, epoch: 2), isCertain: true)])
    }

    @Test("a pause that the connection did not survive leaves nothing held")
    func lostPause() {
        var machine = SolitudeMachine()
        _ = machine.arrived(delivery(1), isSuspect: false, at: start)
        _ = machine.arrived(delivery(2), isSuspect: true, at: start)
        #expect(machine.paused(nil, after: tag(2), at: start).isEmpty)
        #expect(machine.finished().isEmpty)
        #expect(
            machine.arrived(delivery(1, epoch: 2), isSuspect: false, at: start)
                == [.take(.full, tag(1, epoch: 2)), .sayTogether, .handle(delivery(1, epoch: 2))]
        )
    }
}
