import OrderEvents
import Testing

@testable import OrderService

/// Some order services on one row, each with its own pace, under one clock.
private struct Row {
    static let start = ContinuousClock.now

    var record = LeaseMachine.Record(owner: nil, beat: 0, until: Timestamp(milliseconds: 0), claims: 0)
    var elapsed = Duration.zero
    /// How far the wall clock was set away from the truth.
    var step = Duration.zero

    var now: ContinuousClock.Instant { Self.start.advanced(by: elapsed) }
    var wall: Timestamp {
        let milliseconds = (elapsed + step).components
        return Timestamp(
            milliseconds: 1_700_000_000_000 + milliseconds.seconds * 1_000
                + milliseconds.attoseconds / 1_000_000_000_000_000
        )
    }

    /// Lets a machine look, after waiting for the write lock.
    mutating func look(_ machine: inout LeaseMachine, waiting: Duration = .zero) {
        let (asked, wall) = (now, wall)
        elapsed += waiting
        record = machine.look(record, asked: asked, now: now, wall: wall)
    }

    func leads(_ machine: LeaseMachine) -> Bool {
        guard case .leading(let until) = machine.standing else { return false }
        return now < until
    }
}

@Suite("The lease")
struct LeaseMachineTests {
    private var row = Row()
    private var first = LeaseMachine(name: "first")
    private var second = LeaseMachine(name: "second")

    @Test("the first one leads at once and alone; a second one stands by, and each learns of the other")
    mutating func leading() {
        row.look(&first)
        #expect(row.leads(first) && !first.hasPeers)
        row.elapsed += .seconds(1)
        row.look(&first)
        #expect(row.leads(first) && !first.hasPeers)
        row.look(&second)
        #expect(!row.leads(second) && second.hasPeers)
        row.look(&first)
        #expect(row.leads(first) && first.hasPeers)
    }

    @Test("one that renews in time keeps the lease, and forgets others that look no more")
    mutating func renewing() {
        row.look(&first)
        row.look(&second)
        for _ in 0..<20 {
            row.elapsed += .seconds(1)
            row.look(&first)
            row.look(&second)
            #expect(row.leads(first) && first.hasPeers && !row.leads(second))
        }
        for _ in 0..<4 {
            row.elapsed += .seconds(1)
            row.look(&first)
        }
        #expect(row.leads(first) && !first.hasPeers)
    }

    @Test("a holder that is gone is followed three seconds later, one that stopped in order at once")
    mutating func following() {
        row.look(&first)
        row.look(&second)
        row.elapsed = .milliseconds(2_999)
        row.look(&second)
        #expect(!row.leads(second))
        row.elapsed = .seconds(3)
        #expect(!row.leads(first))
        row.look(&second)
        #expect(row.leads(second) && !second.hasPeers)
        row.look(&first)
        #expect(!row.leads(first) && first.hasPeers)

        let released = second.release(row.record)
        row.record = released ?? row.record
        #expect(released != nil && !row.leads(second))
        row.look(&first)
        #expect(row.leads(first))
        #expect(second.release(row.record) == nil)
    }

    @Test("a clock that was set back makes nobody wait longer than the lease lasts")
    mutating func clockSetBack() {
        row.look(&first)
        row.step = .seconds(-3_600)
        row.look(&second)
        row.elapsed = .milliseconds(3_100)
        row.look(&second)
        #expect(row.leads(second))
    }

    @Test("what was asked for counts from the asking, so that waiting for the write lock prolongs nothing")
    mutating func waitingForTheLock() {
        row.look(&first, waiting: .seconds(2))
        row.elapsed += .milliseconds(999)
        #expect(row.leads(first))
        row.elapsed += .milliseconds(1)
        #expect(!row.leads(first))
    }

    @Test("never do two lead at once, and soon one does", arguments: 0..<40 as Range<UInt64>)
    func exclusive(seed: UInt64) {
        var dice = SeededDice(state: seed)
        var row = Row()
        var machines = (0..<3).map { LeaseMachine(name: "\($0)") }
        for _ in 0..<2_000 {
            row.elapsed += .milliseconds(Int.random(in: 0...400, using: &dice))
            // Now and then one stands still for a while, or waits for the lock.
            let index = Int.random(in: machines.indices, using: &dice)
            row.look(&machines[index], waiting: .milliseconds(Int.random(in: 0...900, using: &dice)))
            let leaders = machines.count { row.leads($0) }
            #expect(leaders <= 1, "seed \(seed)")
        }
        for _ in 0..<5 {
            row.elapsed += LeaseMachine.period
            row.look(&machines[0])
        }
        #expect(row.leads(machines[0]), "seed \(seed)")
    }
}
