import OrderEvents
import RabbitMQ
import ServiceKit
import Testing

@testable import OrderService

/// The outbox's table, the broker and the wire between them, as far as the machine can tell.
struct OutboxWorld {
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
