import DequeModule
import Testing

@testable import RabbitMQ

@Suite("The delivery buffer")
struct DeliveryBufferTests {
    private func bring(_ numbers: ClosedRange<UInt64>, to buffer: DeliveryBuffer) {
        var some = deliveries(numbers)
        _ = buffer.append(&some)
        #expect(some.isEmpty)
    }

    @Test("deliveries come out in order, in batches up to the limit")
    func order() async {
        let buffer = DeliveryBuffer()
        bring(1...3000, to: buffer)
        var taken: [UInt64] = []
        while taken.count < 3000, let batch = await buffer.take(upTo: 7) {
            #expect(batch.count <= 7)
            taken += batch.map(\.tag.number)
        }
        #expect(taken == Array(1...3000))
    }

    @Test("taking one by one and taking many keep one order, and nothing is taken where nothing is")
    func oneByOne() async {
        let buffer = DeliveryBuffer()
        #expect(buffer.takeFirst() == nil)
        bring(1...3000, to: buffer)
        var taken: [UInt64] = []
        while let one = buffer.takeFirst() {
            taken.append(one.tag.number)
            guard taken.count.isMultiple(of: 5), taken.count < 3000 else { continue }
            taken += await buffer.take(upTo: 2)?.map(\.tag.number) ?? []
        }
        #expect(taken == Array(1...3000))
        bring(3001...3001, to: buffer)
        #expect(buffer.takeFirst()?.tag.number == 3001)
    }

    @Test("several takers get each delivery once, and all of them end when it is finished")
    func takers() async {
        let buffer = DeliveryBuffer()
        let taken = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var mine: [UInt64] = []
                    while let batch = await buffer.take(upTo: 2) { mine += batch.map(\.tag.number) }
                    return mine
                }
            }
            for start in stride(from: 1, to: 1000, by: 10) as StrideTo<UInt64> {
                bring(start...start + 9, to: buffer)
            }
            buffer.finish()
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken.sorted() == Array(1...1000))
    }

    @Test("what was finished or discarded is not handed out")
    func ends() async {
        let buffer = DeliveryBuffer()
        bring(1...5, to: buffer)
        buffer.discard()
        bring(6...6, to: buffer)
        buffer.finish()
        #expect(await buffer.take(upTo: 10)?.map(\.tag.number) == [6])
        #expect(await buffer.take(upTo: 10) == nil)
    }

    @Test("a cancelled taker leaves, and what comes goes to the next one")
    func cancellation() async {
        let buffer = DeliveryBuffer()
        let leaving = Task { await buffer.take(upTo: 1) }  // Unstructured because cancelling it is the test.
        leaving.cancel()
        #expect(await leaving.value == nil)
        bring(1...1, to: buffer)
        #expect(await buffer.take(upTo: 1)?.count == 1)
    }
}
