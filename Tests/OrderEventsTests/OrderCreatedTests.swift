import FoundationEssentials
import OrderEvents
import Testing

@Suite("The event order.created")
struct OrderCreatedTests {
    let order = OrderCreated(
        id: "01890a5d-ac96-774b-bcce-b302099a8057",
        userID: 123,
        productID: 1,
        quantity: 2,
        price: Money(minorUnits: 99_999),
        total: Money(minorUnits: 199_998),
        createdAt: "2026-01-02T03:04:05.678Z"
    )

    @Test("is these bytes on the wire")
    func golden() {
        let text =
            #"{"id":"01890a5d-ac96-774b-bcce-b302099a8057","user_id":123,"product_id":1,"quantity":2,"#
            + #""price":999.99,"total":1999.98,"currency":"USD","created_at":"2026-01-02T03:04:05.678Z"}"#
        #expect(String(decoding: order.json(), as: UTF8.self) == text)
    }

    @Test("comes back as it was, personal data and odd characters included")
    func roundTrip() throws {
        var order = order
        order.email = "ann\"o'hara\\@exämple.org"
        order.phone = "+1\t555\u{1}"
        #expect(try JSONDecoder().decode(OrderCreated.self, from: Data(order.json())) == order)
    }

    @Test("tolerates what it does not know, and is exact where a Double is not")
    func decoding() throws {
        let json = """
            {"id":"x","user_id":9007199254740993,"product_id":1,"quantity":1,"price":70000000000000.07,
            "total":0.1e1,"currency":"USD","created_at":"now","email":null,"later":{"a":[1]}}
            """
        let order = try JSONDecoder().decode(OrderCreated.self, from: Data(json.utf8))
        #expect(order.userID == 9_007_199_254_740_993)
        #expect(order.price == Money(minorUnits: 7_000_000_000_000_007))
        #expect(order.total == Money(minorUnits: 100))
        #expect(order.email == nil)
    }

    @Test(
        "is refused when an integer is only nearly one, or does not fit",
        arguments: [
            "0.99999999999999999999", "1.0000000000000000000001", "1e-400", "1e400", "0.5",
            "9223372036854775808",
            "-9223372036854775809", "1e19", "true", "\"1\"", "null",
        ]
    )
    func nearlyIntegers(number: String) throws {
        let json = String(decoding: order.json(), as: UTF8.self)
        for (field, value) in [("user_id", "123"), ("product_id", "1"), ("quantity", "2")] {
            let changed = json.replacing("\"\(field)\":\(value)", with: "\"\(field)\":\(number)")
            #expect(changed != json)
            #expect(throws: (any Error).self, "\(field)") {
                try JSONDecoder().decode(OrderCreated.self, from: Data(changed.utf8))
            }
        }
    }

    @Test("keeps integers as they are, however they are spelt and whatever their size")
    func integers() throws {
        let json = String(decoding: order.json(), as: UTF8.self)
        for (number, expected) in [
            ("9007199254740993", 9_007_199_254_740_993), ("9007199254740993.0", 9_007_199_254_740_993),
            ("9.007199254740993e15", 9_007_199_254_740_993), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("-0", 0), ("2e0", 2),
        ] as [(String, Int64)] {
            let changed = json.replacing("\"user_id\":123", with: "\"user_id\":\(number)")
            let read = try JSONDecoder().decode(OrderCreated.self, from: Data(changed.utf8))
            #expect(read.userID == expected)
        }
    }

    @Test("is refused when a price is finer than a cent or no number")
    func refusing() {
        for price in ["0.001", "\"1\"", "true", "null", "1e400"] {
            let json = String(decoding: order.json(), as: UTF8.self).replacing("999.99,", with: price + ",")
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode(OrderCreated.self, from: Data(json.utf8))
            }
        }
    }

    @Test("is shown to people without identifier and personal data")
    func summary() {
        var order = order
        order.email = "a@b.co"
        #expect(
            order.summary
                == #"{"user_id": 123, "product_id": 1, "quantity": 2, "price": 999.99, "total": 1999.98, "#
                + #""currency": "USD", "created_at": "2026-01-02T03:04:05.678Z"}"#
        )
    }
}
