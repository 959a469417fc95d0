import EventFilter
import FoundationEssentials
import Testing

@Suite("A field as the handler reads it")
struct DecoderAgreementTests {
    private struct Order: Decodable {
        var total: Decimal?
    }

    private static let mark = "\u{FEFF}"

    @Test(
        "has the value that JSONDecoder takes, also where a name is there twice or a byte order mark comes first",
        arguments: [
            #"{"total":5,"total":500}"#, #"{"total":500,"total":5}"#, #"{"total":null,"total":500}"#,
            #"{"total":500,"total":null}"#, #"{"tot\u0061l":500,"total":5}"#,
            #"{"total":5,"tot\u0061l":500}"#,
            #"{"total":500,"a":{"total":5}}"#, mark + #"{"total":500}"#, mark + #"{"total":5}"#,
            mark + " \n" + #"{"total":5,"total":500}"#,
        ]
    )
    func agreement(body: String) throws {
        let read = try JSONDecoder().decode(Order.self, from: Data(body.utf8)).total
        #expect(try holds("total >= 100", body: body) == (read.map { $0 >= 100 } ?? false))
        #expect(try holds("total < 100", body: body) == (read.map { $0 < 100 } ?? false))
        #expect(try holds("has(total)", body: body) == (read != nil))
    }

    @Test(
        "cannot be asked for where neither reads the body",
        arguments: [mark, mark + mark + "{}", "{" + mark + "}", "{}" + mark]
    )
    func misplacedMark(body: String) throws {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(Order.self, from: Data(body.utf8)) }
        #expect(try holds("total >= 100", body: body))
        #expect(try holds("!has(total)", body: body) && holds("has(total)", body: body))
    }
}
