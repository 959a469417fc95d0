import Database
import Hummingbird
import OrderEvents
import Synchronization
import Testing
import WorkQueue

@testable import OrderService

@Suite("A journey whose events come again")
struct JourneyRepeatTests {
    private struct Step: Hashable {
        var state: Outcome.State
        var attempt: Int
        var at: Int64
        var detail: String?

        init(_ state: Outcome.State, _ attempt: Int, at: Int64, _ detail: String? = nil) {
            self.state = state
            self.attempt = attempt
            self.at = at
            self.detail = detail
        }
    }

    /// An order's journey through inventory.
    private struct Rig {
        let orders: OrderRig
        let order: Order

        init() async throws {
            orders = try await OrderRig()
            order = try await orders.place(1)[0]
        }

        @discardableResult
        func report(_ steps: Step..., event: String? = nil, to store: JourneyStore? = nil) async throws -> Int
        {
            let outcomes = steps.map { step in
                Outcome(
                    eventID: event ?? order.eventID,
                    eventType: OrderCreated.type,
                    subject: order.id,
                    state: step.state,
                    attempt: step.attempt,
                    at: step.at,
                    nextAt: step.state == .retrying ? step.at + 5_000 : nil,
                    detail: step.detail
                )
            }
            let batch = OutcomeBatch(service: "inventory", outcomes: outcomes)
            return try await (store ?? orders.journeys).record(batch).kept
        }

        /// The journey as HTTP sorts it.
        var journey: [Step] {
            get async throws {
                try await orders.journeys.entries(of: order.id)
                    .sorted { ($0.at.milliseconds, $0.number) < ($1.at.milliseconds, $1.number) }
                    .map { Step($0.state, $0.attempt, at: $0.at.milliseconds, $0.detail) }
            }
        }
    }

    @Test("a decision that is told again keeps its time and its detail")
    func kept() async throws {
        let rig = try await Rig()
        let done = Step(.done, 1, at: 1_000, "Remaining stock: 48")
        #expect(try await rig.report(done) == 1)
        #expect(try await rig.report(Step(.done, 1, at: 9_000)) == 0)
        #expect(try await rig.report(Step(.done, 1, at: 9_000, "Remaining stock: 3")) == 0)
        #expect(try await rig.report(Step(.done, 2, at: 9_000)) == 0)
        #expect(try await rig.report(Step(.done, 3, at: 9_000, "Remaining stock: 48")) == 0)
        #expect(try await rig.journey == [done])
    }

    @Test("a bare done after a rejection adds nothing, whatever its attempt; one with a detail is news")
    func replayAfterRejection() async throws {
        let rig = try await Rig()
        let rejected = Step(.rejected, 2, at: 1_000, "Only 3 left")
        #expect(try await rig.report(rejected) == 1)
        #expect(try await rig.report(Step(.done, 1, at: 9_000), Step(.done, 2, at: 9_100)) == 0)
        #expect(try await rig.report(Step(.rejected, 2, at: 9_200, "Only 1 left")) == 0)
        #expect(try await rig.journey == [rejected])
        // Of another event of the same order, it is news.
        #expect(try await rig.report(Step(.done, 1, at: 9_500), event: "another") == 1)
        let done = Step(.done, 1, at: 9_900, "Remaining stock: 5")
        #expect(try await rig.report(done) == 1)
        #expect(try await rig.journey == [rejected, Step(.done, 1, at: 9_500), done])
    }

    @Test("a detail that was missing is added, and announced")
    func added() async throws {
        let rig = try await Rig()
        let announced = Mutex<[Set<String>]>([])
        let store = JourneyStore(rig.orders.database) { orders in announced.withLock { $0.append(orders) } }
        try await rig.report(Step(.done, 1, at: 1_000), to: store)
        #expect(try await rig.report(Step(.done, 1, at: 9_000, "Remaining stock: 48"), to: store) == 1)
        #expect(try await rig.journey == [Step(.done, 1, at: 1_000, "Remaining stock: 48")])
        let entries = try await rig.orders.journeys.entries(of: rig.order.id)
        #expect(announced.withLock { $0 } == [[rig.order.id], [rig.order.id]])
        #expect(entries.map { $0.number } == [2])
    }

    @Test("attempts in vain count with their latest time, and the decision after them stays the last word")
    func retried() async throws {
        let rig = try await Rig()
        try await rig.report(
            Step(.retrying, 1, at: 1_000, "busy"),
            Step(.rejected, 2, at: 2_000, "Only 3 left")
        )
        #expect(try await rig.report(Step(.retrying, 1, at: 5_000, "locked")) == 1)
        #expect(try await rig.report(Step(.done, 2, at: 6_000)) == 1)
        #expect(
            try await rig.journey == [
                Step(.retrying, 1, at: 5_000, "locked"), Step(.rejected, 2, at: 6_000, "Only 3 left"),
            ]
        )
        // The batches come again.
        #expect(try await rig.report(Step(.retrying, 1, at: 5_000), Step(.done, 2, at: 6_000)) == 0)
        #expect(try await rig.report(Step(.deadLettered, 3, at: 7_000, "broken")) == 1)
        #expect(try await rig.journey.last?.state == .deadLettered)
    }

    @Test("an entry in a state that this version does not know is left out, and the others are shown")
    func unknownState() async throws {
        let rig = try await Rig()
        try await rig.report(Step(.retrying, 1, at: 1_000), Step(.done, 2, at: 2_000))
        _ = try await rig.orders.database.write {
            try $0.execute("UPDATE journey SET state = 'pondering' WHERE state = 'retrying'")
        }
        #expect(try await rig.journey == [Step(.done, 2, at: 2_000)])
        let answer = try await rig.orders.send(.get, "/orders/\(rig.order.id)")
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""state":"done""#))
    }
}
