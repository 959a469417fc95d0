import Confinement
import Testing

@testable import FaultProxy

@Suite("The bytes of one direction")
struct FlowMachineTests {
    private let start = Deadline.now

    private func flow(_ treatment: Treatment, _ text: String = "") -> FlowMachine {
        var flow = FlowMachine(treatment, at: start)
        flow.received(Array(text.utf8), at: start)
        return flow
    }

    private func due(_ flow: FlowMachine, after milliseconds: Int = 0) -> String {
        String(decoding: flow.due(at: start.advanced(by: .milliseconds(milliseconds))), as: UTF8.self)
    }

    @Test("pass hands on at once and ends after the source has")
    func pass() {
        var flow = flow(.pass, "abc")
        #expect(due(flow) == "abc")
        flow.sourceEnded()
        #expect(!flow.mustEnd)
        flow.sent(2, at: start)
        #expect(due(flow) == "c")
        flow.sent(1, at: start)
        #expect(flow.mustEnd)
        flow.endTold()
        #expect(!flow.mustEnd && flow.isOver)
    }

    @Test("stall hands nothing on, not even the end, and keeps all of it")
    func stall() {
        var flow = flow(.stall, "abc")
        flow.sourceEnded()
        #expect(due(flow, after: 1_000_000).isEmpty)
        #expect(!flow.mustEnd && flow.nextDeadline == nil)
        flow.treat(.pass, at: start)
        #expect(due(flow) == "abc")
    }

    @Test("delay hands each chunk on so long after it came, and all at once when it is lifted")
    func delay() {
        var flow = flow(.delay(.milliseconds(100)), "ab")
        flow.received(Array("c".utf8), at: start.advanced(by: .milliseconds(50)))
        #expect(due(flow, after: 99).isEmpty)
        #expect(flow.nextDeadline == start.advanced(by: .milliseconds(100)))
        #expect(due(flow, after: 100) == "ab")
        flow.sent(2, at: start.advanced(by: .milliseconds(100)))
        #expect(due(flow, after: 149).isEmpty)
        #expect(due(flow, after: 150) == "c")
        flow.treat(.pass, at: start)
        #expect(due(flow) == "c")
    }

    @Test("drip hands on a few bytes at a time, with a rest after each")
    func drip() {
        var flow = flow(.drip(bytes: 2, every: .milliseconds(10)), "abc")
        #expect(due(flow) == "ab")
        flow.sent(2, at: start)
        #expect(due(flow, after: 9).isEmpty)
        #expect(flow.nextDeadline == start.advanced(by: .milliseconds(10)))
        #expect(due(flow, after: 10) == "c")
    }

    @Test("swallow keeps nothing, but for the end")
    func swallow() {
        var flow = flow(.swallow, "abc")
        #expect(due(flow).isEmpty)
        #expect(flow.room == FlowMachine.bound)
        flow.sourceEnded()
        #expect(flow.mustEnd)
    }

    @Test("a cut comes with the first byte over the budget, not before")
    func cut() {
        var flow = flow(.cut(afterBytes: 2), "ab")
        #expect(due(flow) == "ab")
        flow.sent(2, at: start)
        #expect(!flow.mustCut)
        flow.received(Array("c".utf8), at: start)
        #expect(due(flow).isEmpty)
        #expect(flow.mustCut)
    }

    @Test("a half-closed direction is told at once, and what still comes vanishes")
    func halfClosed() {
        var flow = flow(.pass, "abc")
        flow.halfClosed()
        #expect(flow.mustEnd && due(flow).isEmpty)
        flow.endTold()
        flow.received(Array("d".utf8), at: start)
        #expect(due(flow).isEmpty && flow.room > 0 && !flow.isOver)
        flow.sourceEnded()
        #expect(flow.isOver)
    }

    @Test("what waits is bounded: a full direction takes nothing more")
    func bound() {
        var flow = flow(.stall)
        var taken = 0
        while flow.room > 0 {
            let bytes = [UInt8](repeating: 1, count: min(flow.room, 1000))
            flow.received(bytes, at: start)
            taken += bytes.count
        }
        #expect(taken == FlowMachine.bound)
        flow.treat(.pass, at: start)
        var passed = 0
        while !flow.due(at: start).isEmpty {
            let count = flow.due(at: start).count
            flow.sent(count, at: start)
            passed += count
        }
        #expect(passed == taken && flow.room == FlowMachine.bound)
    }
}
