import EventFilter
import Testing

@Suite("A filter over an event")
struct EvaluationTests {
    @Test(
        "accepts what it describes",
        arguments: [
            #"total >= 100 && product_id in [1, 2] && type == "order.created""#,
            "total == 1999.98", "total != 5", "total > 1999.97", "1999.98 <= total", "100 < total",
            #"currency == "USD""#, #""USD" == currency"#, #"currency in ["EUR", "USD"]"#,
            #"currency < "USE""#, #"currency >= "USD""#, #"email contains "@example.""#,
            #"email startsWith "zoë""#, #"created_at >= "2026-01-01""#, #"time < "2027""#,
            #"id == "0198c0de" && body.id == "order 7" && subject == body.id"#,
            "price < total", "total >= price", "quantity == body.quantity", "(total) >= (100)",
            "version == 1", "!replayed", "replayed == false", "!(replayed)", "gift", "gift == true",
            "gift != false",
            "gift in [true]", "body.gift", "body.extra != 1 || true", #"headers.region == "eu""#,
            #"headers["x-priority"] > 4"#, #"headers["x-priority"] in [4, 5]"#, "headers.vip",
            #"headers.region startsWith "e""#, #"body["user_id"] == 123"#, "has(email)", "!has(phone)",
            "has(headers.region) && !has(headers.none)", "has(body.extra)", "!has(body.note)",
            "has(subject)", "true", "!false", "!!true", "false || true", #"email contains """#,
            "version in [1, 2, 3] && has(type)",
            // A combining mark after a quote, which it joins to one character.
            "email != \"\u{32F}x\" && !(email contains \"\u{301}\")",
        ]
    )
    func accepted(expression: String) throws {
        #expect(try holds(expression))
        #expect(try !holds("!(\(expression))"))
    }

    @Test(
        "rejects what it does not describe",
        arguments: [
            #"total >= 100 && product_id in [2, 3]"#, #"type == "inventory.rejected""#, "total < 1999.98",
            "total != 1999.98", #"currency == "usd""#, #"email contains "@example.org""#,
            #"email startsWith "oë""#, "product_id in [-1, 10, 100]", "replayed", "total < price", "false",
            "gift == false", "gift in [false]", #"headers.region in ["us"]"#, "has(phone)", "!gift",
        ]
    )
    func rejected(expression: String) throws {
        #expect(try !holds(expression))
        #expect(try holds("!(\(expression))"))
    }

    @Test(
        "holds with no comparison against what is absent, null, or of another kind",
        arguments: ["==", "!=", "<", "<=", ">", ">="]
    )
    func absent(relation: String) throws {
        for body in ["{}", #"{"total":null}"#, #"{"total":"5"}"#, #"{"total":[5]}"#, #"{"total":true}"#] {
            #expect(try !holds("total \(relation) 5", body: body), "\(body)")
            #expect(try !holds("5 \(relation) total", body: body), "\(body)")
            #expect(try !holds("total \(relation) price", body: body), "\(body)")
            #expect(try holds("!(total \(relation) 5)", body: body), "\(body)")
        }
        #expect(try !holds("body.other \(relation) \"5\"", body: #"{"other":{"a":"5"}}"#))
        #expect(try !holds("headers.none \(relation) 5"))
        #expect(try !holds("headers.region \(relation) 5"))
    }

    @Test("takes for there only what has a value")
    func presence() throws {
        #expect(try holds("has(total)", body: #"{"total":"x"}"#))
        #expect(try !holds("has(total)", body: #"{"total":null}"#))
        #expect(try !holds("has(total)", body: #"{"other":{"total":1}}"#))
        var event = SampleEvent()
        event.attributes[.subject] = nil
        #expect(try !holds("has(subject)", event))
    }

    @Test("compares a field that two types have with different kinds with either")
    func mixedKinds() throws {
        #expect(try holds(#"reference == "a""#, body: #"{"reference":"a"}"#))
        #expect(try !holds(#"reference == "a""#, body: #"{"reference":1}"#))
        #expect(try holds("reference > 0", body: #"{"reference":1}"#))
        #expect(try !holds("reference > 0", body: #"{"reference":"a"}"#))
        #expect(try !holds("reference", body: #"{"reference":"true"}"#))
    }

    @Test("! binds tighter than comparisons, these than &&, that than ||")
    func precedence() throws {
        for a in [true, false] {
            for b in [true, false] {
                for c in [true, false] {
                    let body = #"{"a":\#(a),"b":\#(b),"c":\#(c),"n":\#(a ? 1 : 2)}"#
                    func check(_ expression: String, _ expected: Bool) throws {
                        #expect(try holds(expression, body: body) == expected, "\(expression) on \(body)")
                    }
                    try check("body.a || body.b && body.c", a || (b && c))
                    try check("body.a && body.b || body.c", (a && b) || c)
                    try check("(body.a || body.b) && body.c", (a || b) && c)
                    try check("!body.a && body.b", !a && b)
                    try check("!(body.a && body.b) || body.c", !(a && b) || c)
                    try check("!(body.a || !(body.b && !body.c))", !(a || !(b && !c)))
                    try check("body.n == 1 && body.b || body.n != 1 && body.c", a ? b : c)
                    try check("!body.a || body.n == 1 && !body.b", !a || (a && !b))
                }
            }
        }
    }
}
