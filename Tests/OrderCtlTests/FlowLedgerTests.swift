import OrderEvents
import Testing
import WorkQueue

@testable import OrderCtl

@Suite("Which orders have had their effects")
struct FlowLedgerTests {
    private static let millisecond: Int64 = 1_000_000

    /// An outcome that was read 20 ms after its effect.
    private func moment(_ read: Int64) -> FlowLedger.Moment {
        FlowLedger.Moment(decided: read - 20 * Self.millisecond, read: read)
    }

    @Test("an order is complete with both outcomes, in any order with its answer; its last effect counts")
    func complete() {
        let steps: [(inout FlowLedger, UUIDv7) -> Void] = [
            { $0.accepted($1, intended: 10 * Self.millisecond, at: 30 * Self.millisecond) },
            { $0.outcome(.done, of: $1, at: .inventory, self.moment(50 * Self.millisecond)) },
            { $0.outcome(.done, of: $1, at: .notification, self.moment(60 * Self.millisecond)) },
        ]
        for sequence in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
            var ledger = FlowLedger(began: 0)
            let order = UUIDv7.next()
            for (index, step) in sequence.enumerated() {
                #expect(ledger.complete == 0)
                steps[step](&ledger, order)
                #expect(
                    ledger.outrun == (index > 0 && sequence[0] != 0 && sequence[...index].contains(0) ? 1 : 0)
                )
            }
            #expect(ledger.complete == 1 && ledger.accepted == 1 && ledger.missing == 0)
            #expect(ledger.latency.longest == 50 && ledger.effect.longest == 30)
            #expect(ledger.states == ["inventory done": 1, "notification done": 1])
        }
    }

    @Test("a rejection is an effect; a retry, a dead letter and a repeat are none")
    func states() {
        var ledger = FlowLedger(began: 0)
        let (sold, refused) = (UUIDv7.next(), UUIDv7.next())
        for order in [sold, refused] { ledger.accepted(order, intended: 0, at: 1) }
        ledger.outcome(.retrying, of: sold, at: .inventory, moment(2))
        ledger.outcome(.done, of: sold, at: .inventory, moment(3))
        ledger.outcome(.done, of: sold, at: .inventory, moment(4))
        ledger.outcome(.deadLettered, of: sold, at: .notification, moment(5))
        #expect(ledger.missing == 2)
        #expect(
            ledger.missingOrders(limit: 5) == [
                "\(sold) without notification", "\(refused) without inventory and notification",
            ]
        )
        #expect(ledger.missingOrders(limit: 1).count == 1)
        ledger.outcome(.rejected, of: refused, at: .inventory, moment(6))
        ledger.outcome(.done, of: refused, at: .notification, moment(7))
        #expect(ledger.missing == 1)
        #expect(ledger.states["inventory done"] == 1 && ledger.states["notification dead-lettered"] == 1)
    }

    @Test("outcomes of others' orders are forgotten after a while, those of orders here never")
    func strays() {
        var ledger = FlowLedger(began: 0)
        let own = UUIDv7.next()
        ledger.accepted(own, intended: 0, at: 0)
        ledger.outcome(.done, of: own, at: .inventory, moment(0))
        for _ in 0..<5 { ledger.outcome(.done, of: UUIDv7.next(), at: .inventory, moment(0)) }
        ledger.forgetStrays(at: FlowLedger.stray)
        #expect(ledger.foreign == 0)
        ledger.forgetStrays(at: FlowLedger.stray + 1)
        #expect(ledger.foreign == 5)
        ledger.outcome(.done, of: own, at: .notification, moment(FlowLedger.stray + 2))
        #expect(ledger.complete == 1 && ledger.missing == 0)
    }
}
