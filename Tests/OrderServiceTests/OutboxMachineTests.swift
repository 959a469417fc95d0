import OrderEvents
import RabbitMQ
import ServiceKit
import Testing

@testable import OrderService

@Suite("The outbox machine", .serialized)
struct OutboxMachineTests {
    @Test("publishes everything in order of arrival, whatever fails", arguments: 0..<60 as Range<UInt64>)
    func randomSequences(seed: UInt64) {
        var world = OutboxWorld(dice: SeededDice(state: seed), failureRate: Double(seed % 4) * 0.1)
        for _ in 0..<1_500 { world.step() }
        world.settle()

        #expect(world.published.count == world.table.count, "seed \(seed)")
        var seen = Set<String>()
        let firsts = world.begun.filter { seen.insert($0).inserted }
        #expect(firsts == world.table.map(\.id), "seed \(seed)")
        if seed % 4 == 0 {
            #expect(world.begun.count == world.table.count, "seed \(seed): nothing goes out twice")
        }
        #expect(world.machine.fault == nil)
        #expect(world.machine.next() == nil)

        world.machine.stopped()
        #expect(world.machine.next() == .limitStopping)
        #expect(world.machine.next() == .stop)
    }

    @Test(
        "publishes everything in the order of commits while another process commits beside it, and now and then leads",
        arguments: 0..<60 as Range<UInt64>
    )
    func shared(seed: UInt64) {
        var world = OutboxWorld(
            dice: SeededDice(state: seed),
            isShared: true,
            failureRate: Double(seed % 4) * 0.1
        )
        for _ in 0..<1_500 { world.step() }
        world.settle()

        #expect(world.published.count == world.table.count, "seed \(seed)")
        var seen = Set<String>()
        let firsts = world.begun.filter { seen.insert($0).inserted }
        #expect(firsts == firsts.sorted(), "seed \(seed)")
        #expect(!seen.isDisjoint(with: world.foreign), "seed \(seed)")
    }

    @Test("one that stands by begins nothing, and stops at once")
    func standingBy() {
        var world = OutboxWorld(machine: OutboxMachine(isAlone: false), dice: SeededDice(state: 7))
        world.commit()
        world.tell()
        #expect(world.machine.next() == nil)
        world.machine.stopped()
        #expect(world.machine.next() == .limitStopping)
        #expect(world.machine.next() == .stop)
    }

    @Test(
        "one that leads again waits for what was under way, so that nothing overtakes and nothing is read twice"
    )
    func regrouping() {
        var world = OutboxWorld(dice: SeededDice(state: 7))
        world.commit()
        #expect(world.machine.next() == .read(after: nil, limit: OutboxMachine.readLimit))
        world.machine.swept(Array(world.table.prefix(1)))
        #expect(world.machine.next() == .publish([world.table[0]]))
        world.machine.demoted()
        world.machine.promoted()
        #expect(world.machine.next() == nil)
        world.machine.finished(.database("locked"), unmarked: [world.table[0].id])
        #expect(world.machine.next() == .mark([world.table[0].id]))
        world.machine.demoted()
        world.machine.promoted()
        #expect(world.machine.next() == nil)
        world.machine.remarked()
        #expect(world.machine.next() == .read(after: nil, limit: OutboxMachine.readLimit))
    }

    @Test("a batch that is not full waits for the one under way, and takes along what came meanwhile")
    func company() {
        var world = OutboxWorld(dice: SeededDice(state: 7))
        while world.table.count < OutboxMachine.batchLimit + 3 { world.commit() }
        _ = world.machine.next()
        world.machine.swept([])
        func tell(_ number: Int) {
            world.machine.committed(
                world.table[number],
                after: number == 0 ? nil : world.table[number - 1].id
            )
        }
        tell(0)
        #expect(world.machine.next() == .publish([world.table[0]]))
        tell(1)
        tell(2)
        #expect(world.machine.next() == nil)
        world.machine.finished(nil)
        #expect(world.machine.next() == .publish(Array(world.table[1...2])))
        for number in 3..<OutboxMachine.batchLimit + 3 {
            #expect(world.machine.next() == nil)
            tell(number)
        }
        #expect(world.machine.next() == .publish(Array(world.table[3..<OutboxMachine.batchLimit + 3])))
    }

    @Test("after a failure one batch at a time goes out, until one went well")
    func probing() {
        var world = OutboxWorld(dice: SeededDice(state: 7))
        while world.table.count < OutboxMachine.readLimit * 3 { world.commit() }
        var last: String?
        for _ in 0..<3 {
            #expect(world.machine.next() == .read(after: last, limit: OutboxMachine.readLimit))
            let page = world.unpublished(after: last, limit: OutboxMachine.readLimit)
            last = page.last?.id
            world.machine.swept(page)
            #expect(world.machine.next() == .publish(page))
        }
        world.machine.finished(.broker("away"))
        world.machine.finished(.broker("away"))
        #expect(world.machine.next() == nil)
        world.machine.finished(nil)
        #expect(world.machine.next() == .pause(attempt: 1))
        world.machine.resumed()
        #expect(world.machine.next() == .read(after: nil, limit: OutboxMachine.readLimit))
        world.machine.swept(Array(world.table.prefix(OutboxMachine.readLimit)))
        guard case .publish? = world.machine.next() else { return #expect(Bool(false), "one batch is tried") }
        last = world.table[OutboxMachine.readLimit - 1].id
        #expect(world.machine.next() == .read(after: last, limit: OutboxMachine.readLimit))
        world.machine.swept(world.unpublished(after: last, limit: OutboxMachine.readLimit))
        #expect(world.machine.next() == nil)
        #expect(world.machine.fault == .broker("away"))
        world.machine.finished(nil)
        #expect(world.machine.fault == nil)
    }

    @Test("a failure is over once the table holds nothing that waits, though nothing was published since")
    func nothingLeft() {
        var world = OutboxWorld(dice: SeededDice(state: 7))
        world.commit()
        _ = world.machine.next()
        world.machine.swept(Array(world.table.prefix(1)))
        _ = world.machine.next()
        world.machine.finished(.database("disk full"), unmarked: [world.table[0].id])
        #expect(world.machine.next() == .pause(attempt: 1))
        world.machine.resumed()
        #expect(world.machine.next() == .mark([world.table[0].id]))
        world.machine.remarked()
        #expect(world.machine.fault == .database("disk full"))
        _ = world.machine.next()
        world.machine.swept([])
        #expect(world.machine.fault == nil)
        #expect(world.machine.next() == nil)
    }

    @Test("a broker that is connected and confirms nothing is not well")
    func silentBroker() {
        #expect(OrderHealth.broker(.open, nil) == .ok)
        #expect(OrderHealth.broker(.open, .unroutable("NO_ROUTE")) == .ok)
        #expect(OrderHealth.broker(.open, .broker("no confirm")) == .failing("no confirm"))
        #expect(OrderHealth.broker(.connecting, nil) == .failing("connecting"))
    }

    @Test("when the time for stopping is up, it stops with batches in flight")
    func givingUp() {
        var world = OutboxWorld(dice: SeededDice(state: 7))
        world.commit()
        _ = world.machine.next()
        world.machine.swept(world.table)
        world.decide()
        world.machine.stopped()
        #expect(world.machine.next() == .limitStopping)
        #expect(world.machine.next() != .stop)
        world.machine.gaveUp()
        #expect(world.machine.next() == .stop)
    }
}
