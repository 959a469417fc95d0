import Synchronization
import Testing

@testable import OrderService

@Suite("The hub's end of a stream")
struct JourneyOutletTests {
    @Test("has the stream look once however often something is new, and again after it looked")
    func looks() async {
        let outlet = JourneyOutlet {}
        var signals = outlet.signals.makeAsyncIterator()
        for _ in 0..<3 { outlet.sendLook() }
        #expect(await signals.next() == .look)
        outlet.lookWasRead()
        outlet.sendLook()
        #expect(outlet.sendBeat())
        outlet.finish()
        #expect(await signals.next() == .look)
        #expect(await signals.next() == .beat)
        #expect(await signals.next() == nil)
    }

    @Test("has the stream look later, too, where signs of life left no room for it once")
    func noRoom() async {
        let outlet = JourneyOutlet {}
        var signals = outlet.signals.makeAsyncIterator()
        for _ in 0..<4 { #expect(outlet.sendBeat()) }
        #expect(await signals.next() == .beat)
        outlet.clientTook()
        for _ in 0..<2 { #expect(outlet.sendBeat()) }
        outlet.sendLook()
        for _ in 0..<5 { #expect(await signals.next() == .beat) }
        outlet.sendLook()
        outlet.finish()
        #expect(await signals.next() == .look)
    }

    @Test("cuts off who takes nothing for five signs of life, and nobody who takes something in between")
    func cutOff() async {
        let cuts = Atomic<Int>(0)
        let outlet = JourneyOutlet { cuts.add(1, ordering: .relaxed) }
        for _ in 0..<3 {
            for _ in 0..<4 { #expect(outlet.sendBeat()) }
            outlet.clientTook()
        }
        for _ in 0..<4 { #expect(outlet.sendBeat()) }
        #expect(cuts.load(ordering: .relaxed) == 0)
        #expect(!outlet.sendBeat())
        #expect(cuts.load(ordering: .relaxed) == 1)
        var kept = 0
        for await _ in outlet.signals { kept += 1 }
        #expect(kept == 5)
    }
}
