import Testing

@testable import OrderCtl

@Suite("What a soak breaks, and when")
struct ChaosScheduleTests {
    private let programs = [
        "inventory-worker-1", "inventory-worker-2", "notification-worker-1", "order-service",
    ]

    private func schedule(_ seed: UInt64, length: Duration = .seconds(1_200)) -> ChaosSchedule {
        ChaosSchedule(seed: seed, length: length, every: .seconds(20), programs: programs)
    }

    @Test("the same seed gives the same schedule, another seed another")
    func determinism() {
        #expect(schedule(42) == schedule(42))
        #expect(schedule(42) != schedule(43))
        var dice = SeededDice(seed: 1_234_567)
        // The published first numbers of SplitMix64 for this seed: a schedule is the same in every version.
        #expect([dice.next(), dice.next()] == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973])
    }

    @Test(
        "something breaks within every interval, and nothing in the last half of one",
        arguments: [1, 2, 3, 99] as [UInt64]
    )
    func bounds(seed: UInt64) throws {
        let entries = schedule(seed).entries
        var before = Duration.zero
        for entry in entries {
            #expect(entry.at - before >= .seconds(10) && entry.at - before <= .seconds(20))
            before = entry.at
        }
        let last = try #require(entries.last)
        #expect(last.at > .seconds(1_170) && last.at <= .seconds(1_190))
    }

    @Test("every kind comes before one comes a second time, workers and wires twice as often")
    func kinds() {
        let deck = schedule(5).entries.prefix(12)
            .reduce(into: [String: Int]()) { $0[$1.action.kind, default: 0] += 1 }
        #expect(deck.count == 10)
        #expect(deck["kill worker"] == 2 && deck["cut wire"] == 2 && deck["kill broker"] == 1)
        #expect(schedule(5).kinds.values.reduce(0, +) == schedule(5).entries.count)
    }

    @Test("what has a length is over before the next thing breaks", arguments: [2, 6, 20, 600])
    func lengths(interval: Int) {
        let schedule = ChaosSchedule(
            seed: 8,
            length: .seconds(interval * 60),
            every: .seconds(interval),
            programs: programs
        )
        for entry in schedule.entries {
            switch entry.action {
            case .freeze(_, let length), .freezeBroker(let length), .stallWire(_, let length),
                .memoryAlarm(let length):
                #expect(length >= .seconds(2) && length <= .seconds(max(2, min(10, interval / 3 + 1))))
            default: break
            }
        }
        #expect(!schedule.entries.isEmpty)
    }

    @Test("a load too short for anything breaks nothing")
    func short() {
        #expect(schedule(1, length: .seconds(5)).entries.isEmpty)
    }

    @Test("a mail's repetition is explained by a crash right after it was first seen, and by none else")
    func repeats() {
        let policy = RepeatPolicy(crashes: [.seconds(100)])
        #expect(policy.explains(first: .seconds(99), again: .seconds(161)))
        #expect(policy.explains(first: .milliseconds(100_900), again: .seconds(161)))
        #expect(!policy.explains(first: .seconds(90), again: .seconds(161)))
        #expect(!policy.explains(first: .seconds(110), again: .seconds(161)))
        #expect(!policy.explains(first: .seconds(99), again: .milliseconds(99_500)))
        #expect(!RepeatPolicy(crashes: []).explains(first: .seconds(1), again: .seconds(2)))
    }
}
