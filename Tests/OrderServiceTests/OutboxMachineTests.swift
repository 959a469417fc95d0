import OrderEvents
import RabbitMQ
import ServiceKit
import Testing

@testable import OrderService

/// The outbox's table, the broker and the wire between them, as far as the machine can tell.
private struct World {
    var machine = OutboxMachine()
    var dice: SeededDice
    /// Committed orders; the machine hears of them a little later, in order.
    var table: [Order] = []
    /// Where each order stands in the table, by its id.
    var positions: [String: Int] = [:]
    /// How many orders are published with all before them.
    var done = 0
    var told = 0
    /// Orders that another process committed; the machine is not told of them.
    var foreign: Set<String> = []
    /// Whether another process commits orders, too, and sometimes publishes.
    var isShared = false
    var isLeading = true
    var published: Set<String> = []
    /// Every publish, in the order in which it began.
    var begun: [String] = []
    var actions: [OutboxMachine.Action] = []
    var failureRate = 0.0
    var hasStopped = false

    mutating func step() {
        if isShared { share() }
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: commit()
        case 1: tell()
        case 2, 3: decide()
        default: complete()
        }
    }

    /// What the other process does, and who of the two publishes.
    mutating func share() {
        switch Int.random(in: 0..<40, using: &dice) {
        case 0:
            isLeading = false
            machine.demoted()
        case 1:
            isLeading = true
            machine.promoted()
        case 2 where !isLeading:
            let some = unpublished(after: nil, limit: Int.random(in: 0...300, using: &dice))
            published.formUnion(some.map(\.id))
        case 3...10: machine.othersMayHaveCommitted()
        default: break
        }
    }

    /// The oldest orders after `id` that nobody published, as a query of the table would give them.
    mutating func unpublished(after id: String?, limit: Int) -> [Order] {
        while done < table.count, published.contains(table[done].id) { done += 1 }
        let start = max(done, id.flatMap { positions[$0] }.map { $0 + 1 } ?? 0)
        return Array(table[start...].lazy.filter { [published] in !published.contains($0.id) }.prefix(limit))
    }

    mutating func commit() {
        guard table.count < 6_000 else { return }
        for _ in 0..<Int.random(in: 1...400, using: &dice) {
            let number = table.count + 1
            let isForeign = isShared && Bool.random(using: &dice)
            let id = UUIDv7(high: UInt64(number) << 16 | 0x7000, low: 0b10 << 62).description
            let facts = OrderCreated(
                id: id,
                userID: 1,
                productID: 1,
                quantity: 1,
                price: Money(minorUnits: 1),
                total: Money(minorUnits: 1),
                createdAt: ""
            )
            positions[id] = table.count
            table.append(
                Order(facts: facts, eventID: id, acceptedAt: .init(milliseconds: 0), traceParent: nil)
            )
            if isForeign { foreign.insert(id) }
        }
    }

    mutating func tell() {
        for _ in 0..<Int.random(in: 1...500, using: &dice) where told < table.count {
            if !foreign.contains(table[told].id) {
                machine.committed(table[told], after: told == 0 ? nil : table[told - 1].id)
            }
            told += 1
        }
    }

    mutating func decide() {
        guard let action = machine.next() else { return }
        if !isLeading, case .publish = action { Issue.record("it publishes though another does") }
        if case .publish(let orders) = action {
            #expect(!orders.isEmpty && orders.count <= OutboxMachine.batchLimit)
            begun += orders.map(\.id)
        }
        if action == .stop { hasStopped = true }
        actions.append(action)
        let publishing = actions.count { if case .publish = $0 { true } else { false } }
        #expect(publishing <= OutboxMachine.widthLimit)
        if publishing > 1, case .publish(let orders) = action {
            #expect(orders.count == OutboxMachine.batchLimit, "only a full batch goes beside another")
        }
    }

    mutating func complete() {
        guard !actions.isEmpty else { return }
        let action = actions.remove(at: Int.random(in: actions.indices, using: &dice))
        let isFailing = Double.random(in: 0..<1, using: &dice) < failureRate
        switch action {
        case .read(let after, let limit):
            guard !isFailing else { return machine.databaseFailed("locked") }
            machine.swept(unpublished(after: after, limit: limit))
        case .publish(let orders):
            let confirmed = orders.filter { _ in !isFailing || Bool.random(using: &dice) }.map(\.id)
            if isFailing, Bool.random(using: &dice) {
                return machine.finished(.database("locked"), unmarked: confirmed)
            }
            published.formUnion(confirmed)
            machine.finished(confirmed.count < orders.count ? .broker("away") : nil)
        case .mark(let ids):
            guard !isFailing else { return machine.databaseFailed("locked") }
            published.formUnion(ids)
            machine.remarked()
        case .pause: machine.resumed()
        case .limitStopping, .stop: break
        }
    }

    /// Lets everything go well until there is nothing left to do.
    mutating func settle() {
        failureRate = 0
        isLeading = true
        machine.promoted()
        for _ in 0..<10_000 where told < table.count || published.count < table.count || !actions.isEmpty {
            tell()
            if isShared { machine.othersMayHaveCommitted() }
            decide()
            complete()
        }
    }
}

@Suite("The outbox machine", .serialized)
struct OutboxMachineTests {
    @Test("publishes everything in order of arrival, whatever fails", arguments: 0..<60 as Range<UInt64>)
    func randomSequences(seed: UInt64) {
        var world = World(dice: SeededDice(state: seed), failureRate: Double(seed % 4) * 0.1)
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
        var world = World(dice: SeededDice(state: seed), isShared: true, failureRate: Double(seed % 4) * 0.1)
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
        var world = World(machine: OutboxMachine(isAlone: false), dice: SeededDice(state: 7))
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
        var world = World(dice: SeededDice(state: 7))
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
        var world = World(dice: SeededDice(state: 7))
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
        var world = World(dice: SeededDice(state: 7))
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
        var world = World(dice: SeededDice(state: 7))
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
        var world = World(dice: SeededDice(state: 7))
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
