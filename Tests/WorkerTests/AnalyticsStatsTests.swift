import FoundationEssentials
import OrderEvents
import ServiceKit
import TestSupport
import Testing

@testable import AnalyticsWorker

@Suite("The page with the figures")
struct AnalyticsStatsTests {
    private let scratch: Scratch
    private let page: StatsPage
    /// 2026-01-02T04:00:00Z.
    private let now = Timestamp(milliseconds: 1_767_326_400_000)

    init() throws {
        scratch = try Scratch()
        page = StatsPage(store: TotalsStore(database: try scratch.open(AnalyticsSchema.migrations)))
    }

    private func text(since: String?, top: String? = nil) async throws -> String {
        switch try await page.answer(since: since, top: top, now: now) {
        case .json(let bytes): String(decoding: bytes, as: UTF8.self)
        case .invalid(let reason): "400 \(reason)"
        }
    }

    @Test("everything is said exactly, byte for byte")
    func everything() async throws {
        for (event, quantity) in [("e1", 2), ("e2", 1)] {
            var order = order(quantity: quantity)
            order.id = event
            _ = try await page.store.count(CountedOrder(order), eventID: event)
        }
        let figures = #""currency":"USD","orders":1,"units":2,"revenue":1999.98,"average_basket":1999.98"#
        let second = #""currency":"USD","orders":1,"units":1,"revenue":999.99,"average_basket":999.99"#
        let both = #""currency":"USD","orders":2,"units":3,"revenue":2999.97"#
        let expected =
            #"{"since":null,"until":"2026-01-02T04:00:00.000Z","bucket_seconds":60,"#
            // 2999.97 / 2 lies between two cents, and is rounded up.
            + #""totals":[{\#(both),"average_basket":1499.99}],"#
            + #""cohorts":[{"cohort":"first",\#(figures)},{"cohort":"repeat",\#(second)}],"#
            + #""products":[{"product_id":1,\#(both),"average_basket":1499.99}],"#
            + #""series":[{"at":"2026-01-02T03:04:00.000Z",\#(both)}]}"#
        #expect(try await text(since: nil) == expected)
        #expect(try await text(since: "2026-01-02T04:04:59.999+01:00").contains(both))
        #expect(try await text(since: "1h").contains(both))
        #expect(
            try await text(since: "55m").contains(#""totals":[],"cohorts":[],"products":[],"series":[]}"#)
        )
    }

    @Test("a question that cannot be understood is answered with what may stand there")
    func badQuestions() async throws {
        for since in [
            "1", "h", "-1h", "yesterday", "2026-01-02", "2026-02-30T00:00:00Z", "99999999999999999d",
        ] {
            #expect(
                try await text(since: since).hasPrefix("400 since must be a duration such as 1h"),
                "\(since)"
            )
        }
        for top in ["0", "1001", "many"] {
            #expect(try await text(since: nil, top: top) == "400 top must be a whole number from 1 to 1000")
        }
    }

    @Test("one long read and one short one run at a time; who waits too long is told what to do")
    func turns() async throws {
        let (gate, taken) = (Gate(), Gate())
        async let holder: Void = page.turns.long.run {
            taken.open()
            await gate.wait()
        }
        await taken.wait()
        // Readiness and recent figures go on beside it.
        #expect(try await text(since: "1h").contains(#""totals":[]"#))
        for since in [nil, "25h", "1970-01-01T00:00:00Z"] {
            let error = await #expect(throws: StatsBusy.self) { try await text(since: since) }
            #expect(error?.description.contains("ask again in a moment") == true)
        }
        gate.open()
        try await holder
        #expect(try await text(since: nil).contains(#""totals":[]"#))
    }

    @Test("who waits for a turn gets it, and no more than eight wait")
    func waiting() async throws {
        let (turn, gate, taken) = (ReadTurn(patience: .seconds(60)), Gate(), Gate())
        let served = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await turn.run {
                    taken.open()
                    await gate.wait()
                    return true
                }
            }
            await taken.wait()
            for _ in 0..<(ReadTurn.mostWaiting + 3) {
                group.addTask {
                    do {
                        return try await turn.run { true }
                    } catch is StatsBusy {
                        return false
                    }
                }
            }
            // Three are refused at once; then everybody else may go on.
            var served = 0
            for _ in 0..<3 {
                #expect(try await group.next() == false)
            }
            gate.open()
            for try await wasServed in group where wasServed { served += 1 }
            return served
        }
        #expect(served == ReadTurn.mostWaiting + 1)
    }

    @Test("a series is bounded, whatever it spans")
    func buckets() {
        let day: Int64 = 1_440
        #expect(BucketPolicy.minutes(from: 100, to: 100 + day - 1) == 1)
        #expect(BucketPolicy.minutes(from: 100, to: 100 + day) == 60)
        #expect(BucketPolicy.minutes(from: 0, to: 60 * day - 1) == 60)
        #expect(BucketPolicy.minutes(from: 0, to: 60 * day) == day)
        for days in [1_439, 1_440, 1_441, 2_879, 5_000, 100_000] as [Int64] {
            for first in [0, 1, day - 1, 12_345] {
                let last = first + days * day
                let length = BucketPolicy.minutes(from: first, to: last)
                #expect(length.isMultiple(of: day))
                #expect(last / length - first / length < BucketPolicy.most)
            }
        }
    }

    @Test("moments are read as RFC 3339 writes them, and as our own clock does")
    func moments() {
        #expect(MomentText.parse("2026-01-02T03:04:05.678Z")?.text == "2026-01-02T03:04:05.678Z")
        #expect(MomentText.parse("2026-01-02T03:04:05Z")?.text == "2026-01-02T03:04:05.000Z")
        #expect(MomentText.parse("2026-01-01t22:04:05.6789-05:00")?.text == "2026-01-02T03:04:05.678Z")
        #expect(MomentText.parse("2024-02-29T23:59:60Z")?.text == "2024-03-01T00:00:00.000Z")
        for days in stride(from: Int64(0), to: 2_932_896, by: 997) {
            let moment = Timestamp(milliseconds: days * 86_400_000 + days)
            #expect(MomentText.parse(moment.text) == moment)
        }
        for text in [
            "", "2026-01-02", "2026-01-02T03:04Z", "2026-13-02T03:04:05Z", "2025-02-29T00:00:00Z",
            "2026-01-02T24:00:00Z", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zz",
            "1969-12-31T23:59:59Z", "2026-01-02T03:04:05+1:00",
        ] {
            #expect(MomentText.parse(text) == nil, "\(text)")
        }
    }
}
