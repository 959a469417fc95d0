import EventFilter
import Testing

@Suite("A filter for the broker")
struct BrokerFilterTests {
    @Test("is a list of headers and what they must be")
    func conditions() throws {
        let expression =
            #"type == "order.created" && ("eu" == headers.region && headers["is vip"] == true) && source == "/a""#
        let filter = try BrokerFilter(expression, schema: .orders)
        #expect(
            filter.conditions.map(\.header) == ["cloudEvents_type", "region", "is vip", "cloudEvents_source"]
        )
        #expect(
            filter.conditions.map(\.value) == [.text("order.created"), .text("eu"), .flag(true), .text("/a")]
        )
        #expect(filter.filter == (try EventFilter(expression, schema: .orders)))
        var event = SampleEvent()
        #expect(!filter.filter.accepts(event))
        event.headers["is vip"] = .flag(true)
        event.attributes[.source] = .text("/a")
        #expect(filter.filter.accepts(event))
    }

    @Test(
        "can be nothing that only a worker can do",
        arguments: [
            (
                #"headers.region != "eu""#, 16,
                "expected only == on headers, joined by &&, for the broker, found !="
            ),
            (#"type == "a" || type == "b""#, 13, "found ||"),
            (#"type == "a" && !(source == "b")"#, 16, "found !"),
            (#"headers.region in ["eu"]"#, 16, "found in"),
            (#"headers.region startsWith "e""#, 16, "found startsWith"),
            ("has(headers.region)", 1, "found has(…)"),
            ("headers.vip", 1, "found headers.vip"),
            ("true", 1, "found true"),
            (#"type == subject"#, 6, "found =="),
            (#"type == "a" && currency == "USD""#, 16, "found currency, a field of the body"),
            ("headers.rank == 5", 1, "found a number: it takes the same number"),
            ("version == 1", 1, "found version, which is no header of every event"),
            ("replayed == false", 1, "found replayed, which is no header of every event"),
            (#"headers["x-region"] == "eu""#, 1, "found x-region: it does not look at names"),
            (
                #"type == "a" && headers.cloudEvents_type == "b""#, 16,
                "expected each header once, found cloudEvents_type"
            ),
            (#"typ == "a""#, 1, "did you mean type?"),
        ]
    )
    func refused(expression: String, column: Int, message: String) throws {
        let error = #expect(throws: FilterError.self) { try BrokerFilter(expression, schema: .orders) }
        #expect(error?.column == column)
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
}
