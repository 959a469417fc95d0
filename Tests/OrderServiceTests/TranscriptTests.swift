import Database
import Hummingbird
import OrderEvents
import Testing

@testable import OrderService

@Suite("HTTP, call by call")
struct TranscriptTests {
    @Test("an order is accepted, shown and listed")
    func golden() async throws {
        let rig = try await OrderRig()
        let created = try await rig.post(OrderRig.good)
        let facts =
            #""id":"<id>","user_id":123,"product_id":1,"quantity":2,"price":999.99,"total":1999.98,"#
            + #""currency":"USD","created_at":"<time>""#
        #expect(created.transcript == #"201 application/json {"status":"success","order":{\#(facts)}}"#)
        #expect(created.headers[.location] == "/orders/\(created.orderID)")
        #expect(created.headers[.idempotentReplay] == nil)

        let event = #""event":{"id":"<id>","type":"order.created","state":"pending"}"#
        let shown = try await rig.send(.get, "/orders/\(created.orderID)")
        #expect(shown.transcript == #"200 application/json {\#(facts),\#(event),"journey":[]}"#)
        let listed = try await rig.send(.get, "/orders")
        #expect(listed.transcript == #"200 application/json {"orders":[{\#(facts),\#(event)}],"next":null}"#)

        try await rig.store.markPublished([created.orderID])
        #expect(try await rig.send(.get, "/orders/\(created.orderID)").body.contains(#""state":"published""#))
        #expect(rig.store.backlog.count == 0)
    }

    @Test("personal data is kept for the event and shown to nobody else")
    func personalData() async throws {
        let rig = try await OrderRig()
        let body =
            #"{"user_id":1,"product_id":1,"quantity":1,"price":1,"email":"ann@example.org","phone":"+1 555 0100"}"#
        let created = try await rig.post(body)
        #expect(created.status == 201)
        let all = try await rig.send(.get, "/orders")
        #expect(!(created.body + all.body).contains("ann@"))
        let order = try #require(try await rig.store.unpublished(after: nil, limit: 10).first)
        #expect(order.facts.email == "ann@example.org")
        #expect(order.facts.phone == "+1 555 0100")
    }

    @Test(
        "bodies that are no JSON give 400",
        arguments: [
            "", " ", "{", "[", "{}x", "{} {}", "nul", "NaN", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":01}",
            "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1,}", "{'a':1}", "{\"a\":\"\u{1}\"}",
            "{\"a\" 1}",
            "{\"a\":\"\\ud800\"}", "{\"a\":\"\\x\"}", "\u{FEFF}{}", "{\"a\":\"", "{\"a\":1}/* */", "\0",
            String(repeating: "[", count: 30_000), "{\"a\":" + String(repeating: "[", count: 33),
        ]
    )
    func malformed(body: String) async throws {
        let answer = try await OrderRig().post(body)
        #expect(answer.status == 400)
        #expect(answer.headers[.contentType] == "application/problem+json")
        #expect(
            answer.body.hasPrefix(#"{"type":"about:blank","title":"Bad Request","status":400,"detail":""#)
        )
    }

    @Test("a body that is not UTF-8 gives 400")
    func notUnicode() async throws {
        let body = Array("{\"email\":\"".utf8) + [0xFF, 0xC0] + Array("\"}".utf8)
        #expect(try await OrderRig().send(.post, "/orders", headers: OrderRig.json, body: body).status == 400)
    }

    @Test(
        "only JSON content types are read",
        arguments: [
            (nil, 415), ("", 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
            ("application/jsonx", 415), ("application/json; charset=latin1", 415), ("json", 415),
            ("application/json", 201), ("Application/JSON ; Charset=UTF-8", 201),
            ("application/json;charset=\"utf-8\"", 201), ("application/vnd.order+json", 201),
            ("application/json; profile=x", 201),
        ] as [(String?, Int)]
    )
    func contentTypes(type: String?, status: Int) async throws {
        var headers: HTTPFields = [:]
        headers[.contentType] = type
        let answer = try await OrderRig()
            .send(.post, "/orders", headers: headers, body: Array(OrderRig.good.utf8))
        #expect(answer.status == status)
    }

    @Test("a compressed body gives 415")
    func contentEncoding() async throws {
        #expect(try await OrderRig().post(OrderRig.good, headers: [.contentEncoding: "gzip"]).status == 415)
    }

    @Test("64 KiB are read, one byte more is not, announced or in chunks")
    func largeBodies() async throws {
        let rig = try await OrderRig()
        let fitting =
            Array(OrderRig.good.utf8) + [UInt8](repeating: 0x20, count: 65_536 - OrderRig.good.utf8.count)
        for chunks in [1, 7] {
            #expect(
                try await rig.send(.post, "/orders", headers: OrderRig.json, body: fitting, chunks: chunks)
                    .status == 201
            )
            let large = fitting + [0x20]
            #expect(
                try await rig.send(.post, "/orders", headers: OrderRig.json, body: large, chunks: chunks)
                    .status == 413
            )
        }
        var headers = OrderRig.json
        headers[.contentLength] = "65537"
        #expect(try await rig.send(.post, "/orders", headers: headers).status == 413)
    }

    @Test(
        "another method gives 405 and says which work",
        arguments: [
            ("/orders", "GET, POST", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PURGE"]),
            ("/orders/x", "GET", ["POST", "DELETE", "HEAD"]), ("/openapi.yaml", "GET", ["POST"]),
            ("/asyncapi.yaml", "GET", ["PUT"]), ("/orders/x/events", "GET", ["POST", "HEAD"]),
            ("/health/live", "GET", ["POST"]), ("/metrics", "GET", ["POST"]),
        ] as [(String, String, [String])]
    )
    func otherMethods(path: String, allow: String, methods: [String]) async throws {
        let rig = try await OrderRig()
        for method in methods {
            let answer = try await rig.send(try #require(HTTPRequest.Method(rawValue: method)), path)
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == allow)
            #expect(answer.body.isEmpty == (method == "HEAD"))
        }
    }

    @Test(
        "unknown paths and orders give 404",
        arguments: [
            "/", "/order", "/orders/x/y", "/orders/00000000-0000-7000-8000-000000000000", "/orders/%00",
            "/orders/' OR 1=1 --", "/orders/x/events",
            "/orders/00000000-0000-7000-8000-000000000000/events", "/orders/../etc", "/ORDERS",
        ]
    )
    func unknownPaths(path: String) async throws {
        let answer = try await OrderRig().send(.get, path)
        #expect(answer.status == 404)
        #expect(answer.headers[.contentType] == "application/problem+json")
    }

    @Test("more orders at once than may be gives 429")
    func tooMany() async throws {
        let answer = try await OrderRig(gate: AdmissionGate(limit: 0)).post(OrderRig.good)
        #expect(answer.status == 429)
        #expect(answer.headers[.retryAfter] == "1")
    }

    @Test("a full outbox gives 503 and takes nothing, but repeats what it has")
    func outboxFull() async throws {
        let rig = try await OrderRig(outboxLimit: 1)
        let first = try await rig.post(OrderRig.good, headers: [.idempotencyKey: "one"])
        #expect(first.status == 201)
        let refused = try await rig.post(OrderRig.good, headers: [.idempotencyKey: "two"])
        #expect(refused.status == 503)
        #expect(refused.headers[.retryAfter] == "5")
        #expect(try await rig.post(OrderRig.good, headers: [.idempotencyKey: "one"]).body == first.body)
        try await rig.store.markPublished([first.orderID])
        #expect(try await rig.post(OrderRig.good, headers: [.idempotencyKey: "two"]).status == 201)
    }

    @Test("a full or closed database gives 503, and nothing is half written")
    func databaseGone() async throws {
        let rig = try await OrderRig()
        _ = try await rig.database.write { try $0.query("PRAGMA max_page_count = 1") }
        var refused = 0
        for _ in 0..<200 {
            let answer = try await rig.post(OrderRig.good)
            #expect(answer.status == 201 || answer.status == 503)
            if answer.status == 503 { refused += 1 }
        }
        #expect(refused > 0)
        let counts = try await rig.database.read { transaction in
            try ["orders", "outbox"]
                .map { try transaction.queryOne("SELECT COUNT(*) AS n FROM \($0)")?.integer("n") }
        }
        #expect(counts == [Int64(200 - refused), Int64(200 - refused)])
        #expect(rig.store.backlog.count == 200 - refused)
        rig.database.close()
        #expect(try await rig.post(OrderRig.good).status == 503)
        #expect(try await rig.send(.get, "/orders").status == 503)
    }

    @Test("a body that takes too long gives 408")
    func slowBody() async throws {
        let answer = try await OrderRig(bodyPatience: .zero).post(OrderRig.good)
        #expect(answer.status == 408)
        #expect(answer.headers[.contentType] == "application/problem+json")
    }

    @Test(
        "the description's rule for telephone numbers is the service's",
        arguments: [
            "", "1234", "12345", "+49 (151) 123-45", "+", "1 2 3 4 5 ", "++12345", "12345x", "(12)3.4-5",
        ]
    )
    func phonePattern(phone: String) throws {
        let told = try #require(OpenAPI.document(for: .open).firstMatch(of: /phone: .*pattern: '([^']+)'/))
        let isMatch = try phone.wholeMatch(of: Regex(String(told.1))) != nil
        #expect(isMatch == Plausibility.isPhone(phone))
    }

    @Test("the description tells every path and method that is served, and no other")
    func description() async throws {
        let answer = try await OrderRig().send(.get, "/openapi.yaml")
        #expect(answer.headers[.contentType] == "application/yaml")
        var told: [String: [String]] = [:]
        var path = ""
        for line in answer.body.split(separator: "\n") {
            if let match = line.firstMatch(of: /^  (\/[^:]*):$/) { path = String(match.1) }
            if let match = line.firstMatch(of: /^    (get|post|put|delete|patch|head):$/) {
                told[path, default: []].append(match.1.uppercased())
            }
        }
        #expect(told.count == 8)
        for (path, methods) in told {
            #expect(RouteTable.methods(at: path)?.map(\.rawValue).sorted() == methods.sorted())
        }
    }
}
