import OrderEvents
import Testing

@Suite("Money")
struct MoneyTests {
    @Test(
        "is read exactly, whatever the spelling",
        arguments: [
            ("999.99", 99_999), ("0.01", 1), ("10", 1_000), ("10.5", 1_050), ("-12.34", -1_234), ("-0", 0),
            ("0.00", 0),
            ("1e2", 10_000), ("9.9999e2", 99_999), ("999.990", 99_999), ("1E+2", 10_000),
            ("12300e-2", 12_300),
            ("0e999999999999", 0), ("92233720368547758.07", .max),
            ("0.010000000000000000000000000000000000", 1),
        ] as [(String, Int64)]
    )
    func reading(text: String, minorUnits: Int64) throws {
        #expect(try Money.parse(text) == Money(minorUnits: minorUnits))
    }

    @Test(
        "is refused rather than rounded",
        arguments: [
            ("0.001", .tooPrecise), ("1e-3", .tooPrecise), ("1e400", .outOfRange),
            ("92233720368547758.08", .outOfRange),
            ("1e-400", .tooPrecise), ("99999999999999999999", .outOfRange), ("", .notANumber),
            ("-", .notANumber),
            ("+1", .notANumber), ("01", .notANumber), ("1.", .notANumber), (".5", .notANumber),
            ("1e", .notANumber),
            ("NaN", .notANumber), ("1 ", .notANumber), ("0x10", .notANumber), ("1,5", .notANumber),
        ] as [(String, Money.ParseError)]
    )
    func refusing(text: String, error: Money.ParseError) {
        #expect(throws: error) { try Money.parse(text) }
    }

    @Test(
        "is written shortest for machines and with two decimals for people",
        arguments: [
            (99_999, "999.99", "999.99"), (1_000, "10", "10.00"), (1_050, "10.5", "10.50"),
            (5, "0.05", "0.05"),
            (0, "0", "0.00"), (-5, "-0.05", "-0.05"),
            (.min, "-92233720368547758.08", "-92233720368547758.08"),
        ] as [(Int64, String, String)]
    )
    func writing(minorUnits: Int64, json: String, decimal: String) throws {
        let money = Money(minorUnits: minorUnits)
        #expect(money.jsonText == json)
        #expect(money.decimalText == decimal)
        if minorUnits != .min { #expect(try Money.parse(json) == money) }
    }

    @Test("multiplies exactly, or not at all")
    func multiplying() throws {
        #expect(try Money.parse("999.99").times(2) == Money.parse("1999.98"))
        #expect(Money(minorUnits: .max).times(2) == nil)
    }

    @Test("integers are read by value")
    func integers() throws {
        #expect(try DecimalText.parse("9007199254740993", decimals: 0) == 9_007_199_254_740_993)
        #expect(try DecimalText.parse("2.0", decimals: 0) == 2)
        #expect(try DecimalText.parse("9223372036854775807", decimals: 0) == .max)
        #expect(throws: Money.ParseError.outOfRange) {
            try DecimalText.parse("9223372036854775808", decimals: 0)
        }
        #expect(throws: Money.ParseError.tooPrecise) { try DecimalText.parse("2.5", decimals: 0) }
    }
}
