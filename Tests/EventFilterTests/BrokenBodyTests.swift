import EventFilter
import FoundationEssentials
import Testing

@Suite("A body that is no JSON object")
struct BrokenBodyTests {
    private static let broken = [
        "", " ", "not JSON", "[1]", "5", "null", "{", "}", "{}{}", "{} x", #"{"total"}"#, #"{"total":}"#,
        #"{"total":1,}"#, #"{total:1}"#, #"{"total":1"#, #"{"total":1 "price":2}"#, #"{"total":01}"#,
        #"{"total":1.}"#, #"{"total":.5}"#, #"{"total":+1}"#, #"{"total":1e}"#, #"{"total":--1}"#,
        #"{"total":tru}"#, #"{"total":nan}"#, #"{"email":"a}"#, #"{"email":"\x"}"#, #"{"email":"\u12g4"}"#,
        #"{"email":"\ud800"}"#, #"{"email":"\ud800\u0041"}"#, #"{"email":"\udc00"}"#, "{\"email\":\"a\nb\"}",
        #"{"a":[1,2}"#, #"{"a":{"b":1]}"#, #"{"a":[1,]}"#, #"{"a":[,1]}"#, #"{"a":{"b"}}"#, #"{"a":[}"#,
        #"{"a":{]}"#, #"{,"a":1}"#, #"{"a":{"b":1,}}"#, #"{"a":[1 2]}"#, "{\"a\":1}\u{0}",
    ]

    @Test("passes every condition on its fields, so that no broken message is lost", arguments: broken)
    func passes(body: String) throws {
        for expression in [
            "total >= 100", "!(total >= 100)", "has(total)", "!has(total)", "total != price", "body.a",
            #"type == "order.created" && total > 1"#, #"total > 1 && type == "order.created""#,
            #"!(total > 1 || type == "something.else")"#,
        ] {
            #expect(try holds(expression, body: body), "\(expression)")
        }
    }

    @Test("is still rejected for what its attributes and headers say", arguments: broken)
    func rejects(body: String) throws {
        for expression in [
            #"type == "something.else" && total > 1"#, #"total > 1 && type == "something.else""#,
            #"!(total > 1 || type == "order.created")"#, #"headers.region == "us""#, "replayed",
        ] {
            #expect(try !holds(expression, body: body), "\(expression)")
        }
    }

    @Test(
        "is one that is not UTF-8",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80], [0x80],
        ]
    )
    func encoding(bytes: [UInt8]) throws {
        var event = SampleEvent()
        event.body = Array(#"{"total":1,"email":""#.utf8) + bytes + Array(#""}"#.utf8)
        #expect(try holds("total > 1000", event))
        event.body = Array(#"{"total":1,"email":"aé€😀"}"#.utf8)
        #expect(try !holds("total > 1000", event))
        #expect(try holds(#"email == "aé€😀""#, event))
    }

    @Test("is one that is nested too deeply; and a deep one is passed without recursion")
    func nesting() throws {
        func body(_ depth: Int) -> String {
            let open = String(repeating: #"[{"a":"#, count: depth / 2)
            return #"{"deep":"# + open + "1" + String(repeating: "}]", count: depth / 2) + #","total":1}"#
        }
        #expect(try !holds("total > 1000", body: body(62)))
        #expect(try holds("total > 1000", body: body(64)))
        #expect(try holds("total > 1000", body: body(2_000_000)))
        #expect(try holds("total > 1000", body: #"{"a":"# + String(repeating: "[", count: 1_000_000)))
    }

    @Test(
        "is never rejected for its fields, and one that a handler reads is judged by them",
        arguments: 0..<8
    )
    func agreement(seed: UInt64) throws {
        struct Whatever: Decodable { init(from decoder: any Decoder) {} }
        struct Order: Decodable { var total: Decimal? }
        var random = SplitMix(state: seed)
        let filter = try EventFilter("total >= 100", schema: .orders)
        var (rejected, wanted) = (0, 0)
        for _ in 0..<500 {
            let total = Bool.random(using: &random) ? "5.25e1" : "5.25e2"
            let template = Array(#" {"total" : \#(total), "a":[1,{"b":null}],"email":"x\u00e9\n"} "#.utf8)
            var event = SampleEvent()
            event.body = template
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let index = Int.random(in: 0..<template.count, using: &random)
                event.body[index] = Array(#"{}[]:,"\0e.-x "#.utf8).randomElement(using: &random) ?? 0
            }
            let (isAccepted, data) = (filter.accepts(event), Data(event.body))
            if !isAccepted {
                rejected += 1
                let object = try? JSONDecoder().decode([String: Whatever].self, from: data)
                #expect(object != nil, "\(String(decoding: event.body, as: UTF8.self))")
            }
            if let total = (try? JSONDecoder().decode(Order.self, from: data))?.total, total >= 100 {
                wanted += 1
                #expect(isAccepted, "\(String(decoding: event.body, as: UTF8.self))")
            }
        }
        #expect(rejected > 50)
        #expect(wanted > 50)
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
