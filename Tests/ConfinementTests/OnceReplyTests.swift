import Confinement
import Testing

@Suite("OnceReply")
struct OnceReplyTests {
    @Test("an answer given before or after the wait arrives")
    func answers() async {
        let early = OnceReply<Int>(to: "early")
        early.answer(1)
        #expect(await early.value() == 1)
        let late = OnceReply<Int>(to: "late")
        async let waiting = late.value()
        late.answer(2)
        #expect(await waiting == 2)
    }

    @Test("a cancelled waiter leaves with nothing, and the answer that comes later is discarded")
    func cancellation() async {
        let reply = OnceReply<Int>(to: "cancelled")
        let waiting = Task { await reply.value() }  // Unstructured because cancelling it is the test.
        waiting.cancel()
        #expect(await waiting.value == nil)
        reply.answer(1)
    }

    @Test("answering twice traps")
    func twice() async {
        await #expect(processExitsWith: .failure) {
            let reply = OnceReply<Int>(to: "twice")
            reply.answer(1)
            reply.answer(2)
        }
    }

    @Test("dropping an unanswered reply traps with the name of its operation")
    func dropped() async {
        await #expect(processExitsWith: .failure) {
            _ = OnceReply<Int>(to: "dropped")
        }
    }

    @Test("deadlines order, pass and convert to the units of poll(2) and ppoll(2) without ending early")
    func deadlines() {
        let now = Deadline.now
        #expect(now.advanced(by: .seconds(1)) > now)
        #expect(now.isPast(at: now))
        #expect(!now.advanced(by: .nanoseconds(1)).isPast(at: now))
        #expect(Duration.nanoseconds(1).pollMilliseconds == 1)
        #expect(Duration.milliseconds(250).pollMilliseconds == 250)
        #expect(Duration.seconds(-1).pollMilliseconds == 0)
        #expect(Duration.seconds(10_000_000).pollMilliseconds == Int32.max)
        #expect(Duration(secondsComponent: 1, attosecondsComponent: 1).pollNanoseconds == 1_000_000_001)
        #expect(Duration.seconds(-1).pollNanoseconds == 0)
        #expect(Duration.seconds(Int64.max).pollNanoseconds == 100_000_000_000_000_000)
    }
}
