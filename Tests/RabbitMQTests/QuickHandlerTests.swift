import Testing

@testable import RabbitMQ

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

    /// A buffer whose handlers are known to be quick.
    private func quickBuffer() -> DeliveryBuffer {
        let buffer = DeliveryBuffer()
        for _ in 0..<64 { _ = buffer.takeFirst(after: quick) }
        return buffer
    }

    /// Returns when so many more tasks wait for up to `limit` deliveries each.
    private func wait(
        _ count: Int,
        for limit: Int,
        at buffer: DeliveryBuffer,
        in group: inout TaskGroup<[UInt64]>
    ) async {
        let expected = buffer.waitingTakers + count
        for _ in 0..<count {
            group.addTask { await buffer.take(upTo: limit)?.map(\.tag.number) ?? [] }
        }
        while buffer.waitingTakers < expected { await Task.yield() }
    }

    @Test(
        "what comes is left to the one at work while handlers are quick, and another takes over where it is stuck"
    )
    func relief() async {
        let buffer = quickBuffer()
        await withTaskGroup(of: [UInt64].self) { group in
            await wait(2, for: 1, at: buffer, in: &group)
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
        let buffer = quickBuffer()
        await withTaskGroup(of: [UInt64].self) { group in
            await wait(3, for: 1, at: buffer, in: &group)
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
            await wait(1, for: 1, at: buffer, in: &group)
            var more = deliveries(201...201)
            let isMoreLeft = buffer.append(&more)
            #expect(!isMoreLeft)
            #expect(await group.next() == [201])
            buffer.finish()
        }
    }

    @Test("at the end what was left is handed to those who wait")
    func ending() async {
        let buffer = quickBuffer()
        await withTaskGroup(of: [UInt64].self) { group in
            await wait(4, for: 2, at: buffer, in: &group)
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
        let buffer = quickBuffer()
        await withTaskGroup(of: [UInt64].self) { group in
            await wait(3, for: 1, at: buffer, in: &group)
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
        let buffer = quickBuffer()
        for _ in 0..<2 { _ = buffer.takeFirst(after: slow) }
        await withTaskGroup(of: [UInt64].self) { group in
            await wait(3, for: 1, at: buffer, in: &group)
            var some = deliveries(1...3)
            let isLeft = buffer.append(&some)
            #expect(!isLeft)
            var taken: [UInt64] = []
            for await mine in group { taken += mine }
            #expect(taken.sorted() == [1, 2, 3])
        }
    }
}
