import Testing

@testable import RabbitMQ

@Suite("Ledgers")
struct LedgerTests {
    private let key = ConfirmLedger.Key(messageID: "m", exchange: "e", routingKey: "k")

    private func slot(_ index: Int) -> ConfirmLedger.Slot { ConfirmLedger.Slot(batch: 1, index: index) }

    @Test("confirms out of order, multiple and negative each answer what they name")
    func confirms() {
        var ledger = ConfirmLedger()
        for index in 1...6 { ledger.published(slot(index), key) }
        #expect(ledger.answered(3, multiple: false, positive: true).map(\.0.index) == [3])
        #expect(ledger.answered(2, multiple: true, positive: false).map(\.1) == [.refused, .refused])
        #expect(ledger.answered(5, multiple: true, positive: true).map(\.0.index) == [4, 5])
        #expect(ledger.answered(5, multiple: false, positive: true).isEmpty)
        #expect(ledger.answered(99, multiple: true, positive: true).isEmpty)
        #expect(ledger.drain().map(\.index) == [6])
        #expect(ledger.count == 0)
    }

    @Test("a confirm of tag 0 with multiple stands for everything")
    func confirmOfZero() {
        var ledger = ConfirmLedger()
        for index in 1...3 { ledger.published(slot(index), key) }
        #expect(ledger.answered(0, multiple: true, positive: true).count == 3)
        #expect(ledger.answered(0, multiple: true, positive: true).isEmpty)
    }

    @Test("a returned message is unroutable, though the broker confirms it")
    func returns() {
        var ledger = ConfirmLedger()
        let other = ConfirmLedger.Key(messageID: "n", exchange: "e", routingKey: "k")
        ledger.published(slot(1), key)
        ledger.published(slot(2), other)
        ledger.published(slot(3), other)
        ledger.returned(other, reason: "312 NO_ROUTE")
        let outcomes = ledger.answered(3, multiple: true, positive: true)
        #expect(outcomes.map(\.1) == [.confirmed, .unroutable("312 NO_ROUTE"), .confirmed])
    }

    @Test("whatever the order of answers, each publish is answered exactly once", arguments: 0..<50)
    func randomConfirms(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ledger = ConfirmLedger()
        var answered: [Int: Int] = [:]
        var published = 0
        for _ in 0..<2000 {
            if Bool.random(using: &random) {
                published += 1
                ledger.published(slot(published), key)
            } else {
                let number = UInt64.random(in: 0...UInt64(published + 2), using: &random)
                let multiple = Int.random(in: 0..<4, using: &random) == 0
                for (slot, _) in ledger.answered(number, multiple: multiple, positive: true) {
                    answered[slot.index, default: 0] += 1
                }
            }
            #expect(ledger.count == published - answered.count)
        }
        for slot in ledger.drain() { answered[slot.index, default: 0] += 1 }
        #expect(answered.count == published)
        #expect(answered.values.allSatisfy { $0 == 1 })
    }

    @Test("acknowledgements of a run leave as one multiple frame, the others one by one")
    func coalescing() {
        var ledger = SettlementLedger()
        let tags = (1...6).compactMap { ledger.delivered($0) }
        for index in [0, 1, 2, 4] { #expect(ledger.settle(tags[index], as: .acknowledge) == nil) }
        #expect(ledger.flush() == [.basicAck(tag: 3, multiple: true), .basicAck(tag: 5, multiple: false)])
        _ = ledger.settle(tags[3], as: .requeue)
        #expect(ledger.flush() == [.basicNack(tag: 4, multiple: false, requeue: true)])
        _ = ledger.settle(tags[5], as: .acknowledge)
        #expect(ledger.flush() == [.basicAck(tag: 6, multiple: false)])
        #expect(ledger.flush().isEmpty)
    }

    @Test("a delivery that stays in hand costs the ones after it nothing")
    func straggler() throws {
        var ledger = SettlementLedger()
        let first = ledger.delivered(1)
        let straggler = try #require(first)
        for number in 2...10_000 as ClosedRange<UInt64> {
            let delivered = ledger.delivered(number)
            _ = ledger.settle(try #require(delivered), as: .acknowledge)
            #expect(ledger.flush() == [.basicAck(tag: number, multiple: false)])
            #expect(ledger.size == 1)
        }
        #expect(ledger.settle(straggler, as: .acknowledge) == nil)
        #expect(ledger.flush() == [.basicAck(tag: 1, multiple: false)])
    }

    @Test("a stale tag is never sent, nor one settled twice or never delivered")
    func ignored() throws {
        var ledger = SettlementLedger()
        let first = ledger.delivered(1)
        let old = try #require(first)
        ledger.channelClosed()
        let second = ledger.delivered(1)
        let new = try #require(second)
        #expect(ledger.settle(old, as: .acknowledge) == .staleEpoch)
        #expect(ledger.flush().isEmpty)
        #expect(ledger.settle(new, as: .acknowledge) == nil)
        #expect(ledger.settle(new, as: .acknowledge) == .unknownTag)
        #expect(ledger.settle(DeliveryTag(epoch: 2, number: 9), as: .acknowledge) == .unknownTag)
        #expect(ledger.delivered(7) == nil)
    }

    @Test(
        "a broker that is told only what the ledger sends settles each delivery as the handler said",
        arguments: 0..<50
    )
    func randomSettlements(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ledger = SettlementLedger()
        var broker: [UInt64: Settlement?] = [:]
        var decided: [UInt64: Settlement] = [:]
        var open: [DeliveryTag] = []
        var next: UInt64 = 1
        for _ in 0..<3000 {
            if Bool.random(using: &random), let tag = ledger.delivered(next) {
                broker[next] = .some(nil)
                open.append(tag)
                next += 1
            } else if !open.isEmpty {
                let tag = open.remove(at: Int.random(in: 0..<open.count, using: &random))
                let settlement: Settlement =
                    Int.random(in: 0..<5, using: &random) == 0 ? .requeue : .acknowledge
                decided[tag.number] = settlement
                #expect(ledger.settle(tag, as: settlement) == nil)
            }
            guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
            for frame in ledger.flush() { apply(frame, to: &broker) }
            #expect(ledger.size == open.count)
        }
        for frame in ledger.flush() { apply(frame, to: &broker) }
        for (number, settlement) in broker { #expect(settlement == decided[number], "\(number)") }
    }

    /// What a broker does: 406 for a tag that it does not know.
    private func apply(_ frame: OutboundMethod, to broker: inout [UInt64: Settlement?]) {
        switch frame {
        case .basicAck(let tag, let multiple):
            #expect(broker[tag] == .some(nil), "acknowledged an unknown tag")
            for number in multiple ? Array(1...tag) : [tag] where broker[number] == .some(nil) {
                broker[number] = .acknowledge
            }
        case .basicNack(let tag, _, let requeue):
            #expect(broker[tag] == .some(nil), "rejected an unknown tag")
            broker[tag] = requeue ? .requeue : .reject
        default:
            Issue.record("\(frame)")
        }
    }
}

/// A generator whose numbers a seed repeats (SplitMix64, Steele et al.
///
/// 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
