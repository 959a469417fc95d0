import OrderEvents
import Testing

@testable import OrderService

@Suite("What may be ordered")
struct ValidationTests {
    private func problems(_ json: String) throws -> [String] {
        var problems: [FieldProblem] = []
        let draft = OrderDraft.read(try JSONMembers(Array(json.utf8)), problems: &problems)
        #expect((draft == nil) == !problems.isEmpty)
        return problems.map { "\($0.field) \($0.message)" }
    }

    private func order(_ field: String, _ value: String) -> String {
        let fields = ["user_id": "1", "product_id": "1", "quantity": "1", "price": "1"]
            .merging([field: value]) { $1 }
        return "{\(fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
    }

    @Test("every problem is told at once, in the order of the fields")
    func allAtOnce() throws {
        #expect(
            try problems(#"{"price":0.001,"quantity":0,"user_id":true,"email":"","phone":"x"}"#) == [
                "user_id must be an integer of at least 1",
                "product_id is missing",
                "quantity must be an integer from 1 to 10000",
                "price must have at most two decimals",
                "email must be an email address of at most 254 characters",
                "phone must be a telephone number of at most 32 characters",
            ]
        )
    }

    @Test(
        "a body that is JSON but no object is one problem",
        arguments: ["[]", "1", "null", "\"x\"", "true"]
    )
    func noObject(json: String) throws {
        #expect(try problems(json) == ["body must be a JSON object"])
    }

    @Test(
        "integers are judged by value",
        arguments: [
            ("1", true), ("9007199254740993", true), ("9223372036854775807", true), ("2.0", true),
            ("2e0", true),
            ("20e-1", true), ("0", false), ("-0", false), ("-1", false), ("1.5", false),
            ("9223372036854775808", false),
            ("1e400", false), ("-1e400", false), ("true", false), ("\"1\"", false), ("null", false),
            ("[1]", false),
            ("{}", false),
        ]
    )
    func integers(value: String, isGood: Bool) throws {
        for field in ["user_id", "product_id"] {
            #expect(try problems(order(field, value)).isEmpty == isGood)
        }
    }

    @Test(
        "quantities run from 1 to 10000",
        arguments: [
            ("1", true), ("10000", true), ("1e4", true), ("10001", false), ("0", false), ("1.5", false),
        ]
    )
    func quantities(value: String, isGood: Bool) throws {
        #expect(try problems(order("quantity", value)).isEmpty == isGood)
    }

    @Test(
        "prices run from a cent to a million, by the cent",
        arguments: [
            ("0.01", true), ("1000000", true), ("1000000.00", true), ("1e6", true), ("9.990", true),
            ("0.009", false),
            ("1000000.01", false), ("0", false), ("-0.01", false), ("1e400", false), ("1e-400", false),
            ("\"1\"", false), ("true", false), ("0.005", false), ("99999999999999999999999", false),
        ]
    )
    func prices(value: String, isGood: Bool) throws {
        #expect(try problems(order("price", value)).isEmpty == isGood)
    }

    @Test(
        "email addresses are plausible",
        arguments: [
            ("ann@example.org", true), ("a.b+c@sub.example.co", true), ("ä@exämple.org", true),
            (String(repeating: "a", count: 242) + "@example.org", true),
            (String(repeating: "a", count: 243) + "@example.org", false), ("", false), ("ann", false),
            ("@b.c", false),
            ("a@", false), ("a@b", false), ("a@b..c", false), ("a@-b.c", false), ("a b@c.de", false),
            ("a@b.c@d.e", false),
            ("a@b.co,x@y.zz", false), ("a@b.co\\r\\nBcc: x", false), ("<a@b.co>", false),
            ("a\\u0000@b.co", false),
        ]
    )
    func emails(text: String, isGood: Bool) throws {
        #expect(try problems(order("email", "\"\(text)\"")).isEmpty == isGood)
    }

    @Test(
        "telephone numbers are plausible",
        arguments: [
            ("+1 (555) 010-0100", true), ("12345", true), (String(repeating: "1", count: 32), true),
            (String(repeating: "1", count: 33), false), ("", false), ("1234", false), ("call me", false),
            ("++12345", false),
            ("12345\\n", false),
        ]
    )
    func phones(text: String, isGood: Bool) throws {
        #expect(try problems(order("phone", "\"\(text)\"")).isEmpty == isGood)
    }

    @Test("a member that appears twice is refused, an unknown one is not looked at, null is absent")
    func members() throws {
        #expect(
            try problems(#"{"user_id":1,"product_id":1,"quantity":1,"price":1,"price":2}"#)
                == ["price appears more than once"]
        )
        #expect(
            try problems(#"{"x":{"y":[1,{}]},"x":1,"user_id":1,"product_id":1,"quantity":1,"price":1}"#)
                .isEmpty
        )
        #expect(try problems(order("email", "null")).isEmpty)
        #expect(try problems(#"{"us\u0065r_id":1,"product_id":1,"quantity":1,"price":1}"#).isEmpty)
    }

    @Test("the total is exact")
    func total() throws {
        var problems: [FieldProblem] = []
        let json = try JSONMembers(
            Array(#"{"user_id":1,"product_id":1,"quantity":10000,"price":999999.99}"#.utf8)
        )
        let draft = try #require(OrderDraft.read(json, problems: &problems))
        #expect(draft.total == Money(minorUnits: 999_999_990_000))
    }

    @Test(
        "a trace is what the W3C says it is",
        arguments: [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false), ("", false),
            ("00-1-2-3", false),
        ]
    )
    func traces(text: String, isGood: Bool) {
        #expect((TraceParent(text) != nil) == isGood)
    }
}
