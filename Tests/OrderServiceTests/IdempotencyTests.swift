import Database
import Hummingbird
import Testing

@testable import OrderService

@Suite("An idempotency key")
struct IdempotencyTests {
    @Test("gives the first answer again, verbatim, and no second order")
    func replay() async throws {
        let rig = try await OrderRig()
        let first = try await rig.post(OrderRig.good, headers: [.idempotencyKey: "k"])
        let respelled =
            #" { "price": 9.9999e2, "quantity": 2.0, "product_id": 1, "user_id": 123, "phone": null } "#
        for body in [OrderRig.good, respelled] {
            let again = try await rig.post(body, headers: [.idempotencyKey: "k"])
            #expect(again.status == 201)
            #expect(again.body == first.body)
            #expect(again.headers[.location] == first.headers[.location])
            #expect(again.headers[.idempotentReplay] == "true")
        }
        #expect(try await rig.store.page(limit: 10, after: nil).orders.count == 1)
        #expect(rig.store.backlog.count == 1)
    }

    @Test("refuses another order, and leaves the first alone")
    func conflict() async throws {
        let rig = try await OrderRig()
        _ = try await rig.post(OrderRig.good, headers: [.idempotencyKey: "k"])
        let other = OrderRig.good.replacing("999.99", with: "1")
        let answer = try await rig.post(other, headers: [.idempotencyKey: "k"])
        #expect(answer.status == 422)
        #expect(answer.body.contains(#""errors":[{"field":"Idempotency-Key","message":"#))
        #expect(try await rig.store.page(limit: 10, after: nil).orders.count == 1)
    }

    @Test("makes exactly one order of fifty concurrent requests")
    func concurrency() async throws {
        let rig = try await OrderRig()
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<50 {
                group.addTask { try await rig.post(OrderRig.good, headers: [.idempotencyKey: "k"]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 201 })
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(answers.count(where: { $0.headers[.idempotentReplay] == nil }) == 1)
        #expect(try await rig.store.page(limit: 10, after: nil).orders.count == 1)
        #expect(rig.store.backlog.count == 1)
    }

    @Test(
        "is 1 to 255 visible characters",
        arguments: [
            ("!", true), (String(repeating: "~", count: 255), true),
            (String(repeating: "k", count: 256), false),
            ("", false), ("a b", false), ("ä", false), ("a\tb", false),
        ]
    )
    func keys(text: String, isGood: Bool) async throws {
        #expect((IdempotencyKey(text) != nil) == isGood)
        let answer = try await OrderRig().post(OrderRig.good, headers: [.idempotencyKey: text])
        #expect(answer.status == (isGood ? 201 : 422))
    }

    @Test("is remembered over a restart")
    func restart() async throws {
        let rig = try await OrderRig()
        let first = try await rig.post(OrderRig.good, headers: [.idempotencyKey: "k"])
        rig.database.close()
        let second = try await OrderRig(in: rig.directory)
        #expect(try await second.post(OrderRig.good, headers: [.idempotencyKey: "k"]).body == first.body)
        #expect(second.store.backlog.count == 1)
    }
}

@Suite("Paging")
struct PagingTests {
    @Test("walks from the newest order to the oldest, each once")
    func walking() async throws {
        let rig = try await OrderRig()
        let placed = try await rig.place(25).map(\.id)
        var seen: [String] = []
        var path: String? = "/orders?limit=10"
        while let next = path {
            let answer = try await rig.send(.get, next)
            #expect(answer.status == 200)
            seen += answer.body.matches(of: /\{"id":"([^"]+)","user_id"/).map { String($0.1) }
            path = answer.body.firstMatch(of: /"next":"([^"]+)"/).map { "/orders?limit=10&after=\($0.1)" }
        }
        #expect(seen == placed.reversed())
    }

    @Test(
        "refuses what is no limit and no id",
        arguments: [
            "limit=0", "limit=501", "limit=-1", "limit=x", "limit=", "limit=1.0", "limit=%2B5",
            "limit=99999999999999999999",
            "after=x", "after=", "limit=x&after=y",
        ]
    )
    func refusing(query: String) async throws {
        let answer = try await OrderRig().send(.get, "/orders?\(query)")
        #expect(answer.status == 422)
        for field in ["limit", "after"] where query.contains(field) {
            #expect(answer.body.contains(#""field":"\#(field)""#) || query.contains("\(field)=1&"))
        }
    }

    @Test(
        "takes the largest page, and ignores other parameters",
        arguments: ["limit=500", "limit=1&x=y", ""]
    )
    func accepting(query: String) async throws {
        #expect(
            try await OrderRig().send(.get, "/orders?\(query)").transcript
                == #"200 application/json {"orders":[],"next":null}"#
        )
    }
}
