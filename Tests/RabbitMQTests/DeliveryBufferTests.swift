import DequeModule
import Testing

@testable import RabbitMQ

@Suite("The delivery buffer")
struct DeliveryBufferTests {
    private func deliveries(_ numbers: ClosedRange<UInt64>) -> [Delivery] {
        numbers.map { number in
            Delivery(
                tag: DeliveryTag(epoch: 1, number: number),
                wasRedelivered: false,
                exchange: "",
                routingKey: "",
                properties: MessageProperties(),
                body: []
            )
        }
    }

    private func bring(_ numbers: ClosedRange<UInt64>, to buffer: DeliveryBuffer) {
        var some = Deque(deliveries(numbers))
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

@Suite("Quick handlers", .timeLimit(.minutes(1)))
struct QuickHandlerTests {
    private let quick = Duration.microseconds(1)
    private let slow = Duration.milliseconds(1)

    @Test("a run of quick handlers narrows, one that is slow among them does not widen for long, two do")
    func policy() {
        var policy = SpreadPolicy()
        #expect(!policy.isNarrow)
        for _ in 0..<31 { policy.handled(in: quick) }
        #expect(!policy.isNarrow)
        for _ in 0..<1_000 { policy.handled(in: quick) }
        #expect(policy.isNarrow)
        policy.handled(in: slow)
        #expect(!policy.isNarrow)
        policy.handled(in: quick)
        #expect(policy.isNarrow)
        for _ in 0..<2 { policy.handled(in: slow) }
        for _ in 0..<30 { policy.handled(in: quick) }
        #expect(!policy.isNarrow)
    }

    private func deliveries(_ numbers: ClosedRange<UInt64>) -> Deque<Delivery> {
        Deque(
            numbers.map { number in
                Delivery(
                    tag: DeliveryTag(epoch: 1, number: number),
                    wasRedelivered: false,
                    exchange: "",
                    routingKey: "",
                    properties: MessageProperties(),
                    body: []
                )
            }
        )
    }

    /// Brings deliveries until so many takers wait; those that are there are handed out.
    private func waiting(_ count: Int, at buffer: DeliveryBuffer) async {
        while buffer.waitingTakers < count { await Task.yield() }
    }

    @Test(
        "what comes is left to the one at work while handlers are quick, and another takes over where it is stuck"
    )
    func relief() async {
        let buffer = DeliveryBuffer()
        for _ in 0..<64 { _ = buffer.takeFirst(after: quick) }
        await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<2 {
                group.addTask { await buffer.take(upTo: 1)?.map(\.tag.number) ?? [] }
            }
            await waiting(2, at: buffer)
            // Nobody is at work: one of them is woken.
            var first = deliveries(1...1)
            let isFirstLeft = buffer.append(&first)
            #expect(!isFirstLeft)
            #expect(await group.next() == [1])
            // It is at work now, and what comes is left to it.
            var second = deliveries(2...2)
            let isSecondLeft = buffer.append(&second)
            #expect(isSecondLeft)
            #expect(buffer.waitingTakers == 1)
            // It has not come on, and the other is woken; who is at work besides, nobody knows.
            #expect(!buffer.relieve())
            #expect(await group.next() == [2])
        }
    }

    @Test("one that comes on is left alone, and one that is stuck is no more counted on")
    func comingOn() async {
        let buffer = DeliveryBuffer()
        for _ in 0..<64 { _ = buffer.takeFirst(after: quick) }
        await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<3 {
                group.addTask { await buffer.take(upTo: 1)?.map(\.tag.number) ?? [] }
            }
            await waiting(3, at: buffer)
            var some = deliveries(1...200)
            let isLeft = buffer.append(&some)
            #expect(isLeft)
            #expect(await group.next() == [1])
            for _ in 0..<64 { _ = buffer.takeFirst(after: quick) }
            #expect(buffer.relieve())
            #expect(buffer.waitingTakers == 2)
            for _ in 0..<63 { _ = buffer.takeFirst(after: quick) }
            #expect(buffer.relieve())
            #expect(buffer.waitingTakers == 1)
            #expect(await group.next() == [129])
            while buffer.takeFirst(after: quick) != nil {}
            #expect(!buffer.relieve())
            // The woken one is at work and waits again; the first is away for good, and nobody waits for it.
            group.addTask { await buffer.take(upTo: 1)?.map(\.tag.number) ?? [] }
            await waiting(2, at: buffer)
            var more = deliveries(201...201)
            let isMoreLeft = buffer.append(&more)
            #expect(!isMoreLeft)
            #expect(await group.next() == [201])
            buffer.finish()
        }
    }

    @Test("at the end what was left is handed to those who wait")
    func ending() async {
        let buffer = DeliveryBuffer()
        for _ in 0..<64 { _ = buffer.takeFirst(after: quick) }
        await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<4 {
                group.addTask { await buffer.take(upTo: 2)?.map(\.tag.number) ?? [] }
            }
            await waiting(4, at: buffer)
            var some = deliveries(1...4)
            let isLeft = buffer.append(&some)
            #expect(isLeft)
            buffer.finish()
            var taken: [UInt64] = []
            for await mine in group { taken += mine }
            #expect(taken.sorted() == [1, 2, 3, 4])
        }
    }

    @Test("what was left is spread once the one at work is not quick any more, whether it comes on or not")
    func slowAgain() async {
        let buffer = DeliveryBuffer()
        for _ in 0..<64 { _ = buffer.takeFirst(after: quick) }
        await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<3 {
                group.addTask { await buffer.take(upTo: 1)?.map(\.tag.number) ?? [] }
            }
            await waiting(3, at: buffer)
            var some = deliveries(1...4)
            // One is woken and wakes nobody: what it has not taken is left to it.
            let isLeft = buffer.append(&some)
            #expect(isLeft)
            #expect(await group.next() == [1])
            #expect(buffer.waitingTakers == 2)
            #expect(buffer.takeFirst(after: slow)?.tag.number == 2)
            #expect(!buffer.relieve())
            var taken: [UInt64] = []
            for await mine in group { taken += mine }
            #expect(taken.sorted() == [3, 4])
        }
    }

    @Test("where one has been slow, everybody who waits is woken in turn")
    func spread() async {
        let buffer = DeliveryBuffer()
        for _ in 0..<64 { _ = buffer.takeFirst(after: quick) }
        for _ in 0..<2 { _ = buffer.takeFirst(after: slow) }
        await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<3 {
                group.addTask { await buffer.take(upTo: 1)?.map(\.tag.number) ?? [] }
            }
            await waiting(3, at: buffer)
            var some = deliveries(1...3)
            let isLeft = buffer.append(&some)
            #expect(!isLeft)
            var taken: [UInt64] = []
            for await mine in group { taken += mine }
            #expect(taken.sorted() == [1, 2, 3])
        }
    }
}
