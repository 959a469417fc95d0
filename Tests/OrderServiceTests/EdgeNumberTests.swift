import Hummingbird
import Testing

@testable import OrderService

@Suite("Numbers at the edges, as orders")
struct EdgeNumberTests {
    private func body(user: String = "1", quantity: String = "1", price: String = "1") -> String {
        #"{"user_id":\#(user),"product_id":1,"quantity":\#(quantity),"price":\#(price)}"#
    }

    private func facts(_ answer: Answer) -> String {
        answer.body.firstMatch(of: /"price":[^,]+,"total":[^,]+/).map { String($0.0) } ?? answer.body
    }

    @Test(
        "a price counts by its value, and the total is exact",
        arguments: [
            ("0.1", "3", #""price":0.1,"total":0.3"#), ("999.99", "2", #""price":999.99,"total":1999.98"#),
            ("999.990", "1", #""price":999.99,"total":999.99"#), ("1e2", "1", #""price":100,"total":100"#),
            ("1E-2", "10000", #""price":0.01,"total":100"#),
            ("9.9999e2", "1", #""price":999.99,"total":999.99"#),
            ("0.0001e+2", "1", #""price":0.01,"total":0.01"#), ("1.0", "1.0", #""price":1,"total":1"#),
            ("0.29", "100", #""price":0.29,"total":29"#), ("4.35", "100e0", #""price":4.35,"total":435"#),
            ("1000000.00", "1e4", #""price":1000000,"total":10000000000"#),
            ("999999.99", "10000", #""price":999999.99,"total":9999999900"#),
            ("1." + String(repeating: "0", count: 60_000), "1", #""price":1,"total":1"#),
        ]
    )
    func prices(price: String, quantity: String, told: String) async throws {
        let answer = try await OrderRig().post(body(quantity: quantity, price: price))
        #expect(answer.status == 201)
        #expect(facts(answer) == told)
    }

    @Test(
        "a price that would have to be rounded or is out of bounds is refused, and nothing is kept",
        arguments: [
            "0.30000000000000004", "0.001", "999.9900000001", "1e-3", "1e-400", "5e-324",
            "0." + String(repeating: "0", count: 60_000) + "1",
            "0", "-0", "-0.0", "-0.01", "1000000.01", "1e7", "1e400", "1e18446744073709551616",
            "1e-18446744073709551616", "92233720368547758.08", "1.7976931348623157e308",
            String(repeating: "9", count: 60_000), #""1""#, "null",
        ]
    )
    func refusedPrices(price: String) async throws {
        let rig = try await OrderRig()
        let answer = try await rig.post(body(price: price))
        #expect(answer.status == 422)
        #expect(answer.body.contains(#""errors":[{"field":"price","#))
        #expect(try await rig.store.page(limit: 1, after: nil).orders.isEmpty)
    }

    @Test(
        "an identifier is kept to its last digit",
        arguments: [
            ("9007199254740993", "9007199254740993"), ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775807.0", "9223372036854775807"), ("1e18", "1000000000000000000"), ("1E0", "1"),
        ]
    )
    func identifiers(user: String, told: String) async throws {
        let rig = try await OrderRig()
        let answer = try await rig.post(body(user: user))
        #expect(answer.status == 201)
        for shown in [answer, try await rig.send(.get, "/orders/\(answer.orderID)")] {
            #expect(shown.body.contains(#""user_id":\#(told),"product_id":1,"#))
        }
    }

    @Test(
        "an identifier that is no such number is refused",
        arguments: [
            "9223372036854775808", "18446744073709551617", "-9223372036854775808", "-9223372036854775809",
            "0", "-0", "0.9999999999999999999999", "1.0000000000000000000001", "1e19", "1e400",
            String(repeating: "1", count: 60_000),
        ]
    )
    func refusedIdentifiers(user: String) async throws {
        let answer = try await OrderRig().post(body(user: user))
        #expect(answer.status == 422)
        #expect(answer.body.contains(#""errors":[{"field":"user_id","#))
    }

    @Test(
        "what JSON does not take for a number gives 400",
        arguments: [
            "01", "-01", "00", "+1", ".5", "1.", "1e", "1e+", "0x10", "1_000", "1,000", "١", "--1", "-",
        ]
    )
    func noNumbers(text: String) async throws {
        #expect(try await OrderRig().post(body(price: text)).status == 400)
        #expect(try await OrderRig().post(body(user: text)).status == 400)
    }
}
