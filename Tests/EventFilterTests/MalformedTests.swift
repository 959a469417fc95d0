import EventFilter
import Testing

@Suite("An expression that cannot be used")
struct MalformedTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let expression: String
        let column: Int
        let message: String

        init(_ expression: String, _ column: Int, _ message: String) {
            self.expression = expression
            self.column = column
            self.message = message
        }

        var testDescription: String { expression }
    }

    private static let words = [
        Case("", 1, "expected a field, a value, has(…), ! or (, found the end"),
        Case("   ", 4, "expected a field, a value, has(…), ! or (, found the end"),
        Case("totl >= 100", 1, "found totl; did you mean total?"),
        Case("total >= 100 && Type == \"a\"", 17, "found Type; did you mean type?"),
        Case("zzzzzz == 1", 1, "found zzzzzz; a field that no event is known to have is written body.zzzzzz"),
        Case("lower(currency) == \"usd\"", 1, "found lower; the only function is has(field)"),
        Case("total = 100", 7, "expected an operator or the end, found =; did you mean ==?"),
        Case("total >= 100 & gift", 14, "found &; did you mean &&?"),
        Case("total >= 100 | gift", 14, "found |; did you mean ||?"),
        Case("total >= 100 and gift", 14, "found and; did you mean &&?"),
        Case("total >= 100 OR gift", 14, "found OR; did you mean ||?"),
        Case("not gift", 1, "found not; did you mean !?"),
        Case("currency == 'USD'", 13, "found '; text is written in straight double quotes"),
        Case("currency == “USD”", 13, "found “; text is written in straight double quotes"),
        Case(#"currency == "USD"#, 13, "expected text that ends with \", found no second \" up to the end"),
        Case(#"currency == "U\xD""#, 15, #"expected one of \" \\ \/ \b \f \n \r \t \u0041, found \x"#),
        Case(#"currency == "U\u00g0""#, 15, #"found \u"#),
        Case(#"currency == "\ud800""#, 14, #"found \u"#),
        Case("total >= 1.", 12, "expected a digit after the decimal point, found the end"),
        Case("total >= 1.x", 12, "expected a digit after the decimal point, found x"),
        Case("total >= .5", 10, "expected a field or a value after >=, found ."),
        Case("total >= 1e2", 11, "expected the end of the number, found e; write all its digits"),
        Case("total >= 100USD", 13, "expected the end of the number, found U"),
        Case("total >= - 5", 10, "expected a field or a value after >=, found -"),
        Case("total >= $5", 10, "found $"),
        Case("total >= 100 # big", 14, "expected an operator or the end, found #"),
        Case("phone == null", 10, "found null; whether a field is there is asked with has(field)"),
    ]

    private static let structure = [
        Case("total >=", 9, "expected a field or a value after >=, found the end"),
        Case(">= 100", 1, "expected a field, a value, has(…), ! or (, found >="),
        Case("total => 100", 7, "found =; did you mean ==?"),
        Case("total <> 100", 8, "expected a field or a value after <, found >"),
        Case("total >= 100 &&", 16, "expected a field, a value, has(…), ! or (, found the end"),
        Case("&& total >= 100", 1, "found &&"),
        Case("total >= 100 || || gift", 17, "found ||"),
        Case("(total >= 100", 14, "expected an operator or ), found the end"),
        Case("total >= 100)", 13, "expected an operator or the end, found )"),
        Case("()", 2, "found )"),
        Case("total 100", 7, "expected an operator or the end, found the number 100"),
        Case(
            "1 < total < 5",
            11,
            "expected &&, || or the end, found <; a comparison is not continued; join two with &&"
        ),
        Case("product_id in 1", 15, "expected [ after in, found the number 1"),
        Case("product_id in []", 16, "expected a number, text, true or false, found ]"),
        Case("product_id in [1, ]", 19, "expected a number, text, true or false, found ]"),
        Case("product_id in [1 2]", 18, "expected , or ], found the number 2"),
        Case("product_id in [1, 2", 20, "expected , or ], found the end"),
        Case("product_id in [total]", 16, "expected a number, text, true or false, found total"),
        Case("in [1]", 1, "found the operator in"),
        Case("has total", 5, "expected ( after has, found total"),
        Case("has(5)", 5, "expected the name of a field, found the number 5"),
        Case("has(total", 10, "expected ), found the end"),
        Case("has(totl)", 5, "did you mean total?"),
        Case(
            "headers == 1",
            9,
            "expected . or [ after headers, found ==; write headers.traceparent or headers[\"x-name\"]"
        ),
        Case(
            "headers.x-name == 1",
            10,
            "found -; other names are written in quotes: headers[\"x-name\"], body[\"a-b\"]"
        ),
        Case("headers[1] == 1", 9, "expected a name in double quotes, found the number 1"),
        Case(#"headers["a" == 1"#, 13, "expected ], found =="),
        Case(#"headers[""] == 1"#, 9, "expected a name, found the text \"\""),
        Case("headers. == 1", 10, "expected a name, found =="),
        Case("body.extra.deep == 1", 11, "only the fields at the top of the body can be looked at"),
        Case("type.name == 1", 5, "expected an operator or the end, found ."),
    ]

    private static let kinds = [
        Case(#"total >= "100""#, 10, "expected a number, as total is, found the text \"100\""),
        Case("currency == 5", 13, "expected text, as currency is, found the number 5"),
        Case("5 == currency", 6, "expected a number, as the number 5 is, found currency, text"),
        Case("total == currency", 10, "expected a number, as total is, found currency, text"),
        Case("gift == 1", 9, "expected true or false, as gift is, found the number 1"),
        Case("gift < true", 6, "expected == or !=, found <; true and false have no order"),
        Case("total", 1, "expected a condition, found total, a number; compare it: total == …"),
        Case("gift && total", 9, "expected a condition, found total, a number"),
        Case(
            "!total == 5",
            2,
            "expected a condition, found total, a number; ! takes a condition: write !(total == …)"
        ),
        Case("!gift == true", 1, "expected a field or a value beside ==, found a condition"),
        Case("has(total) == true", 1, "found a condition; ! and has(…) bind tighter than a comparison"),
        Case("total == has(price)", 10, "found has; a condition is compared with nothing"),
        Case("total == !gift", 10, "found !; a condition is compared with nothing"),
        Case("5", 1, "expected a condition, found the number 5"),
        Case(#"gift || "yes""#, 9, "expected a condition, found the text \"yes\""),
        Case("1 == 1", 1, "expected a field on one side of ==, found two fixed values"),
        Case(
            #""type" == "order.created""#,
            1,
            "found two fixed values; a field is written without quotes: type"
        ),
        Case(#"product_id in ["a"]"#, 16, "expected a number, as product_id is, found the text \"a\""),
        Case(
            #"headers.region in ["a", 1]"#,
            25,
            "expected text, as the values before it, found the number 1"
        ),
        Case("5 in [5]", 1, "expected a field before in, found the number 5"),
        Case(#"total contains "5""#, 1, "expected text before contains, found total, a number"),
        Case("currency contains 5", 19, "expected text in double quotes, found the number 5"),
        Case("currency startsWith email", 21, "expected text in double quotes, found email"),
        Case("version == \"1\"", 12, "expected a number, as version is, found the text \"1\""),
    ]

    @Test("is refused with the column and what was expected there", arguments: words + structure + kinds)
    func malformed(malformed: Case) throws {
        let error = #expect(throws: FilterError.self) {
            try EventFilter(malformed.expression, schema: .orders)
        }
        #expect(error?.column == malformed.column)
        #expect(error?.description.contains(malformed.message) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("column \(malformed.column): expected ") == true)
    }

    @Test("is one that is too long, too deep or too wide; just below it is fine")
    func limits() throws {
        func column(_ expression: String) -> Int? {
            do throws(FilterError) {
                _ = try EventFilter(expression, schema: .orders)
                return nil
            } catch {
                return error.column
            }
        }
        let blank = String(repeating: " ", count: 4_092)
        #expect(column("gift" + blank) == nil)
        #expect(column("gift" + blank + " ") == 4_097)
        #expect(column("currency == \"" + String(repeating: "€", count: 2_000) + "\"") == 1_375)
        let open = String(repeating: "(", count: 64)
        let close = String(repeating: ")", count: 64)
        #expect(column("\(open)gift\(close)") == nil)
        #expect(column("(\(open)gift\(close))") == 65)
        #expect(column(String(repeating: "!", count: 64) + "gift") == nil)
        #expect(column(String(repeating: "!", count: 65) + "gift") == 65)
        #expect(column(String(repeating: "!(", count: 2_048)) == 65)
        #expect(column("quantity in [" + String(repeating: "1,", count: 255) + "1]") == nil)
        #expect(column("quantity in [" + String(repeating: "1,", count: 256) + "1]") == 526)
        let fields = (1...16).map { "has(body.f\($0))" }.joined(separator: " && ")
        #expect(column(fields) == nil)
        #expect(column(fields + " && has(body.f1) && has(body.last)") == fields.count + 30)
        #expect(column(Array(repeating: "gift", count: 512).joined(separator: "&&")) == nil)
    }

    @Test("is shown with a caret under the column, in one line however it was written")
    func illustration() throws {
        func lines(_ expression: String) throws -> [String] {
            let error = #expect(throws: FilterError.self) { try EventFilter(expression, schema: .orders) }
            return try #require(error).illustration
        }
        #expect(try lines("gift && totl > 1") == ["gift && totl > 1", "        ^"])
        #expect(try lines("gift &&\n\t\u{1B}") == ["gift &&   ", "         ^"])
        #expect(try lines("gift &&") == ["gift &&", "       ^"])
        let long = String(repeating: "gift && ", count: 100)
        let shown = try lines(long + "x" + String(repeating: " ", count: 100))
        #expect(shown[0].count == 74)
        #expect(shown[0].hasPrefix("…") && shown[0].hasSuffix("…"))
        let caret = try #require(Array(shown[1]).firstIndex(of: "^"))
        #expect(Array(shown[0])[caret] == "x")
    }
}
