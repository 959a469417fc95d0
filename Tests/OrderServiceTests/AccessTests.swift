import Digests
import Hummingbird
import OrderEvents
import ServiceKit
import Testing

@testable import OrderService

@Suite("Who may call")
struct AccessTests {
    private static let writer = "w-1f7c0e5b5d6a4e0c9d3b"
    private static let reader = "r-2f7c0e5b5d6a4e0c9d3b"
    private static let admin = "a-3f7c0e5b5d6a4e0c9d3b"

    private static func entry(_ name: String, _ scopes: String, _ key: String) -> String {
        "\(name)/\(scopes)/\(Hex.text(SHA256.digest(Array(key.utf8))))"
    }

    private static let setting = [
        entry("shop", "orders:write", writer), entry("desk", "orders:read", reader),
        entry("ops", "admin", admin),
    ]
    .joined(separator: ", ")

    private func rig(rate: Double? = nil) async throws -> OrderRig {
        try await OrderRig(access: AccessMiddleware(access: APIAccess.parse(Self.setting), rate: rate))
    }

    private func headers(_ key: String?) -> HTTPFields {
        var headers = OrderRig.json
        if let key { headers[.authorization] = "Bearer \(key)" }
        return headers
    }

    @Test(
        "a key does what its scopes say and is refused everything else",
        arguments: [
            (writer, [201, 403, 403, 403]), (reader, [403, 200, 404, 403]), (admin, [201, 200, 404, 404]),
            ("w-1f7c0e5b5d6a4e0c9d3c", [401, 401, 401, 401]), (nil, [401, 401, 401, 401]),
        ] as [(String?, [Int])]
    )
    func scopes(key: String?, statuses: [Int]) async throws {
        let rig = try await rig()
        let body = Array(OrderRig.good.utf8)
        let unknown = "/orders/\(UUIDv7.next())"
        let answers = [
            try await rig.send(.post, "/orders", headers: headers(key), body: body),
            try await rig.send(.get, "/orders", headers: headers(key)),
            try await rig.send(.get, unknown, headers: headers(key)),
            try await rig.send(.get, "/nothing", headers: headers(key)),
        ]
        #expect(answers.map(\.status) == statuses)
        for answer in answers where answer.status == 401 {
            #expect(answer.headers[.wwwAuthenticate] == "Bearer")
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }

    @Test(
        "anybody may look at the descriptions, whichever keys are set",
        arguments: [
            "/openapi.yaml", "/asyncapi.yaml",
        ]
    )
    func open(path: String) async throws {
        #expect(try await rig().send(.get, path).status == 200)
    }

    @Test("the description asks for a key where the service does, and nowhere else")
    func described() async throws {
        let open = try await OrderRig().send(.get, "/openapi.yaml").body
        #expect(open.contains("\nsecurity:\n  - {}\n"))
        let guarded = try await rig().send(.get, "/openapi.yaml").body
        #expect(guarded.contains("\nsecurity:\n  - key: []\n"))
        let free =
            guarded.matches(of: /\n  (\/\S+):\n    get:\n      operationId: \w+\n      security: \[\]\n/)
            .map { String($0.1) }
        #expect(free == ["/health/live", "/health/ready", "/openapi.yaml", "/asyncapi.yaml"])
        for path in free { #expect(APIScope.needed(for: path, isWriting: false) == nil) }
    }

    @Test(
        "a header that presents no key is as good as none",
        arguments: [
            "", "Bearer", "Bearer ", "Basic \(writer)", writer, "Bearer \(writer) x", "Bearer  ",
            "Bearer " + String(repeating: "k", count: 100_000),
        ]
    )
    func malformed(field: String) async throws {
        let headers: HTTPFields = [.contentType: "application/json", .authorization: field]
        let answer = try await rig()
            .send(.post, "/orders", headers: headers, body: Array(OrderRig.good.utf8))
        #expect(answer.status == 401)
        #expect(!answer.body.contains(Self.writer))
    }

    @Test("the scheme's case does not matter, and two keys at once are none")
    func schemes() async throws {
        var headers: HTTPFields = [.authorization: "bEARER \(Self.reader)"]
        #expect(try await rig().send(.get, "/orders", headers: headers).status == 200)
        headers.append(.init(name: .authorization, value: "Bearer \(Self.reader)"))
        #expect(try await rig().send(.get, "/orders", headers: headers).status == 401)
    }

    @Test("a refused order is not read and not kept")
    func nothingKept() async throws {
        let rig = try await rig()
        let answer = try await rig.send(
            .post,
            "/orders",
            headers: headers(Self.reader),
            body: Array(OrderRig.good.utf8)
        )
        #expect(answer.status == 403)
        #expect(try await rig.store.page(limit: 1, after: nil).orders.isEmpty)
    }

    @Test("who asks too often is told when to come back, each client by itself")
    func rates() async throws {
        let rig = try await rig(rate: 0.001)
        var statuses: [Int] = []
        for _ in 0..<4 {
            let answer = try await rig.send(.get, "/orders", headers: headers(Self.reader))
            statuses.append(answer.status)
            let wait = answer.headers[.retryAfter].flatMap { Int($0) }
            #expect(answer.status == 200 ? wait == nil : (1...1_000).contains(wait ?? 0))
        }
        #expect(statuses == [200, 429, 429, 429])
        #expect(try await rig.send(.get, "/orders", headers: headers(Self.admin)).status == 200)
    }

    @Test("who guesses keys is limited, too")
    func guesses() async throws {
        let rig = try await rig(rate: 0.001)
        var statuses: [Int] = []
        for guess in 0..<4 {
            statuses.append(try await rig.send(.get, "/orders", headers: headers("guess-\(guess)")).status)
        }
        #expect(statuses == [401, 429, 429, 429])
        #expect(try await rig.send(.get, "/orders", headers: headers(Self.reader)).status == 200)
    }

    @Test(
        "a setting that is no list of keys is refused by position, and nothing of it is shown",
        arguments: [
            ("secretname", "entry 1"), ("a/orders:write/abc", "entry 1: the digest"),
            ("a/orders:fly/\(String(repeating: "0", count: 64))", "entry 1: scopes"),
            ("sp ace/admin/\(String(repeating: "0", count: 64))", "entry 1: the name"),
            ("\(setting),", "entry 4"), ("\(setting),\(setting)", "entry 4 has the name or the key"),
            ("a/admin/\(String(repeating: "g", count: 64))", "entry 1: the digest"), ("", "entry 1"),
        ]
    )
    func badSettings(text: String, problem: String) {
        let error = #expect(throws: BrokenRule.self) { try APIAccess.parse(text) }
        #expect(error?.rule.contains(problem) == true)
        #expect(error?.rule.contains("secretname") != true && error?.rule.contains("fly") != true)
    }
}

@Suite("The ledger of rates")
struct RateLedgerTests {
    private typealias Instant = ContinuousClock.Instant
    private let start = ContinuousClock.now

    @Test("a client has as many at once as come in a second, and then one after another")
    func burst() {
        var ledger = RateLedger<Instant>(perSecond: 5)
        for _ in 0..<5 { #expect(ledger.asked("a", at: start) == nil) }
        #expect(ledger.asked("a", at: start) == .milliseconds(200))
        #expect(ledger.asked("b", at: start) == nil)
        #expect(ledger.asked("a", at: start.advanced(by: .milliseconds(201))) == nil)
        #expect(ledger.asked("a", at: start.advanced(by: .milliseconds(201))) != nil)
    }

    @Test("less than one a second is possible, and a clock that stands still or goes back gives nothing away")
    func slow() {
        var ledger = RateLedger<Instant>(perSecond: 0.1)
        #expect(ledger.asked("a", at: start) == nil)
        #expect(ledger.asked("a", at: start) == .seconds(10))
        #expect(ledger.asked("a", at: start.advanced(by: .seconds(-100))) != nil)
        #expect(ledger.asked("a", at: start.advanced(by: .seconds(11))) == nil)
    }

    @Test("no crowd of clients makes it remember more than its limit")
    func bound() {
        var ledger = RateLedger<Instant>(perSecond: 1, limit: 100)
        for number in 0..<10_000 {
            _ = ledger.asked("client \(number)", at: start.advanced(by: .microseconds(number)))
        }
        #expect(ledger.count <= 100)
    }
}
