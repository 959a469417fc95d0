import EventFilter
import Testing

@Suite("Values are compared exactly")
struct ExactnessTests {
    /// Numbers from the least to the greatest; those in one list are equal.
    private static let ladder: [[String]] = [
        ["-1e400"], ["-123456789012345678901234567890.5"], ["-10", "-10.0", "-1e1", "-100E-1"],
        ["-9.999999999999999999999999"], ["-0.1", "-1e-1"], ["-1e-400"],
        ["0", "-0", "0.000", "0e5", "-0.0e-3"], ["1e-400"], ["0.05", "5e-2", "0.5e-1"],
        ["0.1", "0.10", "1e-1", "0.01e1"], ["0.1000000000000000055511151231257827"],
        ["1", "1.0", "10e-1", "0.1e+1", "1e0"], ["99.99"],
        ["100", "1e2", "1E+2", "100.00", "0.1e3", "1000e-1"],
        ["100.0999999999999999"], ["100.10", "100.1", "1.001e2", "10010e-2"],
        ["9007199254740992"], ["9007199254740993"], ["18446744073709551615"], ["18446744073709551616"],
        ["123456789012345678901234567890"], ["123456789012345678901234567890.000001"], ["1e400"],
    ]

    @Test("whatever the notation and the length of a number")
    func numbers() throws {
        for (leftRank, left) in Self.ladder.enumerated() {
            for (rightRank, right) in Self.ladder.enumerated() {
                for (a, b) in zip(left, right) {
                    let body = #"{"price":\#(a),"total":\#(b)}"#
                    #expect(try holds("price < total", body: body) == (leftRank < rightRank), "\(body)")
                    #expect(try holds("price == total", body: body) == (leftRank == rightRank), "\(body)")
                    #expect(try holds("price >= total", body: body) == (leftRank >= rightRank), "\(body)")
                }
            }
            for notation in left {
                #expect(try holds("price == total", body: #"{"price":\#(left[0]),"total":\#(notation)}"#))
            }
        }
    }

    @Test("a number of the body with one of the expression")
    func literals() throws {
        for (rank, numbers) in Self.ladder.enumerated() {
            for (other, literals) in Self.ladder.enumerated() {
                for literal in literals where !literal.contains(where: { "eE".contains($0) }) {
                    let body = #"{"total":\#(numbers[numbers.count - 1])}"#
                    #expect(
                        try holds("total < \(literal)", body: body) == (rank < other),
                        "\(body) \(literal)"
                    )
                    #expect(
                        try holds("total == \(literal)", body: body) == (rank == other),
                        "\(body) \(literal)"
                    )
                    #expect(try holds("total in [7, \(literal)]", body: body) == (rank == other))
                }
            }
        }
        #expect(try holds("total >= 100.10", body: #"{"total":100.10}"#))
        #expect(try !holds("total >= 100.10", body: #"{"total":100.09999999999999999999999}"#))
        #expect(try holds("total == 0.3", body: #"{"total":0.30}"#))
    }

    @Test("an exponent that no number can have matches nothing, and harms nothing")
    func exponents() throws {
        let body =
            #"{"total":1e99999999999999999999999,"price":1e-99999999999999999999999,"quantity":0e9999999999999999}"#
        #expect(try !holds("total > 0", body: body))
        #expect(try !holds("price < 1", body: body))
        #expect(try !holds("quantity != 0", body: body))
        #expect(try holds("total > 1", body: #"{"total":1e999999999999}"#))
        #expect(try holds("total < 1", body: #"{"total":1e-999999999999}"#))
    }

    @Test("a number of a header with one of the expression")
    func headers() throws {
        var event = SampleEvent()
        event.headers = [
            "least": .number(.min), "most": .number(isNegative: false, magnitude: .max, scale: 0),
            "price": .number(isNegative: false, magnitude: 10_010, scale: 2),
            "zero": .number(isNegative: true, magnitude: 0, scale: 3),
            "small": .number(isNegative: true, magnitude: 5, scale: 3),
        ]
        for expression in [
            "headers.least == -9223372036854775808", "headers.most == 18446744073709551615",
            "headers.price == 100.1", "headers.price > 100.0999", "headers.zero == 0",
            "headers.small == -0.005", "headers.small > headers.least", "headers.most > headers.price",
        ] {
            #expect(try holds(expression, event), "\(expression)")
        }
    }

    @Test("text with its escapes, by Unicode scalars")
    func text() throws {
        let body = #"{"curr\u0065ncy":"\u0055S\u0044","email":"a\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00z"}"#
        #expect(try holds(#"currency == "USD""#, body: body))
        #expect(try holds(#"email == "a\"\\/\b\f\n\r\té€😀z""#, body: body))
        #expect(try holds(#"email == "a\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00z""#, body: body))
        #expect(try holds(#"email contains "€😀""#, body: body))
        #expect(try holds(#"email startsWith "a\"""#, body: body))
        #expect(try !holds(#"email contains "\\\\""#, body: body))
        #expect(try holds(#"email == "\u0000""#, body: #"{"email":"\u0000"}"#))
        #expect(try holds(#"email > "\u0000""#, body: #"{"email":"\u0000a"}"#))
        // Composed and decomposed are different scalars.
        #expect(try !holds(#"email == "e\u0301""#, body: #"{"email":"é"}"#))
        #expect(try holds(#"email contains "aab""#, body: #"{"email":"aaaab"}"#))
        #expect(try holds(#"email contains "abcabd""#, body: #"{"email":"abcabcabd"}"#))
        #expect(try !holds(#"email contains "abcabd""#, body: #"{"email":"abcabcab"}"#))
    }

    @Test("the first of several fields with one name, as JSONDecoder takes it")
    func repeatedField() throws {
        #expect(try holds("total == 1", body: #"{"total":1,"total":2}"#))
    }
}
