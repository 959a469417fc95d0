import Testing

@testable import OrderCtl

@Suite("When requests of a load are due")
struct SendScheduleTests {
    private static let second: Int64 = 1_000_000_000

    @Test("an open loop is due at its times, also when nobody came for long", arguments: [1, 3, 500, 99_999])
    func open(rate: Int) {
        var schedule = SendSchedule(.open(rate: rate), length: 2 * Self.second)
        #expect(schedule.take(at: -1) == nil)
        #expect(schedule.take(at: 0) == 0)
        #expect(schedule.take(at: 0) == nil)
        #expect(schedule.wait(at: 0) == Self.second / Int64(rate))
        // A pause of one and a half seconds: all of it is still due, at the times it was meant for.
        let now = Self.second * 3 / 2
        let overdue = schedule.overdue(at: now)
        var taken = 0
        while let intended = schedule.take(at: now) {
            taken += 1
            #expect(
                intended == Int64(taken / rate) * Self.second + Int64(taken % rate) * Self.second
                    / Int64(rate)
            )
        }
        // One that is due at this very moment is taken, and not late.
        #expect(overdue == taken || overdue == taken - 1)
        #expect(schedule.isFinished(at: now) == (schedule.taken == 2 * rate))
        while schedule.take(at: 9 * Self.second) != nil {}
        #expect(schedule.taken == 2 * rate)
        #expect(schedule.isFinished(at: now) && schedule.wait(at: now) == nil)
        #expect(schedule.overdue(at: 9 * Self.second) == 0)
    }

    @Test("a closed loop is due at once until its end")
    func closed() {
        var schedule = SendSchedule(.closed, length: Self.second)
        #expect(schedule.take(at: 5) == 5 && schedule.take(at: 5) == 5)
        #expect(schedule.wait(at: 7) == 0 && schedule.overdue(at: 7) == 0)
        #expect(schedule.take(at: Self.second) == nil && schedule.isFinished(at: Self.second))
    }

    @Test("one that is stopped has nothing due, and says what it left")
    func stopped() {
        var schedule = SendSchedule(.open(rate: 10), length: 60 * Self.second)
        for _ in 0..<3 { _ = schedule.take(at: Self.second) }
        schedule.stop(at: Self.second)
        #expect(schedule.take(at: Self.second) == nil && schedule.isFinished(at: Self.second))
        #expect(schedule.overdue(at: 2 * Self.second) == 7)
        #expect(schedule.end == Self.second)
    }

    @Test("a day at the highest rate does not overflow")
    func large() {
        var schedule = SendSchedule(.open(rate: 100_000), length: 86_400 * Self.second)
        _ = schedule.take(at: 0)
        #expect(schedule.overdue(at: 86_400 * Self.second) == 8_640_000_000 - 1)
    }
}
