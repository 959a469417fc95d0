import Confinement
import Testing

@testable import RabbitMQ

@Suite("Noticing a deaf subscription")
struct DeafnessTests {
    private let start = Deadline.now

    private func at(_ seconds: Int) -> Deadline { start.advanced(by: .seconds(seconds)) }

    private func listening() -> DeafnessMachine {
        var machine = DeafnessMachine(interval: .seconds(10))
        machine.listens(at: start)
        return machine
    }

    @Test("messages that wait twice in a row while nothing comes begin it anew")
    func deaf() {
        var machine = listening()
        #expect(machine.action(at: at(9)) == .none)
        #expect(machine.action(at: at(10)) == .ask)
        machine.answered(ready: 3)
        #expect(machine.action(at: at(11)) == .none)
        #expect(machine.action(at: at(20)) == .ask)
        machine.answered(ready: 3)
        #expect(machine.action(at: at(20)) == .startOver)
    }

    @Test("an empty queue is asked again and again, and never doubted")
    func idle() {
        var machine = listening()
        for round in 1...20 {
            #expect(machine.action(at: at(round * 10)) == .ask)
            machine.answered(ready: round % 2 == 0 ? 0 : 1)
        }
        #expect(machine.action(at: at(201)) == .none)
    }

    @Test("a delivery between two answers clears it")
    func delivery() {
        var machine = listening()
        #expect(machine.action(at: at(10)) == .ask)
        machine.answered(ready: 3)
        machine.rest()
        #expect(machine.nextDeadline == nil)
        machine.listens(at: at(12))
        #expect(machine.action(at: at(21)) == .none)
        #expect(machine.action(at: at(22)) == .ask)
        machine.answered(ready: 3)
        #expect(machine.action(at: at(23)) == .none)
    }

    @Test("a question that is not answered by the time of the next begins it anew")
    func unanswered() {
        var machine = listening()
        #expect(machine.action(at: at(10)) == .ask)
        #expect(machine.action(at: at(19)) == .none)
        #expect(machine.action(at: at(20)) == .startOver)
    }
}
