import FoundationEssentials
import OrderEvents
import ServiceKit
import Testing

@testable import WorkQueue

@Suite("Bodies as our own programs write them")
struct CompactBodyTests {
    private static let order = OrderCreated(
        id: "0199b3a1-0000-7000-8000-000000000001",
        userID: 123,
        productID: 1,
        quantity: 2,
        price: Money(minorUnits: 99_999),
        total: Money(minorUnits: 199_998),
        createdAt: "2026-01-02T03:04:05.678Z",
        email: "josé@example.com",
        phone: "+49 30 1234"
    )

    private static let batch = OutcomeBatch(
        service: "inventory",
        outcomes: [
            Outcome(
                eventID: "e1",
                eventType: "order.created",
                subject: "o1",
                state: .done,
                attempt: 1,
                at: 1_767_323_045_678,
                detail: "Remaining stock: 48"
            ),
            Outcome(
                eventID: "e2",
                eventType: "order.created",
                subject: nil,
                state: .retrying,
                attempt: 2,
                at: 1,
                nextAt: 5
            ),
        ]
    )

    @Test("an order is read without the decoder, whatever of it is there")
    func orders() {
        var order = Self.order
        #expect(OrderCreated(compact: order.json()) == order)
        order.phone = nil
        #expect(OrderCreated(compact: order.json()) == order)
        order.email = nil
        order.price = Money(minorUnits: 100)
        #expect(OrderCreated(compact: order.json()) == order)
    }

    @Test("a batch of outcomes is read without the decoder")
    func outcomes() {
        #expect(OutcomeBatch(compact: Self.batch.json()) == Self.batch)
    }

    @Test("a truncated body is left to the decoder, wherever it ends")
    func truncated() {
        for body in [Self.order.json(), Self.batch.json()] {
            for count in body.indices {
                #expect(OrderCreated(compact: Array(body.prefix(count))) == nil)
                #expect(OutcomeBatch(compact: Array(body.prefix(count))) == nil)
            }
        }
    }

    @Test(
        "what is not as we write it is left to the decoder, which reads it as before",
        arguments: [
            ("\"id\":", "\"id\": "), (",\"quantity\":2", ""), ("\"quantity\":2", "\"quantity\":2.0"),
            ("\"quantity\":2", "\"quantity\":2e0"), ("\"quantity\":2", "\"quantity\":02"),
            ("\"quantity\":2", "\"quantity\":-2"), ("\"price\":999.99", "\"price\":999.9901"),
            ("\"price\":999.99", "\"price\":9999999999999999999999999"),
            ("\"price\":999.99", "\"price\":999."),
            ("USD", "U\\u0053D"), ("USD", "U\u{1}SD"), ("}", ",\"note\":1}"), ("}", "} "),
        ]
    )
    func unusual(_ old: String, _ new: String) throws {
        let text = String(decoding: Self.order.json(), as: UTF8.self)
        let body = Array(text.replacing(old, with: new).utf8)
        try #require(body != Self.order.json())
        #expect(OrderCreated(compact: body) == nil)
        let decoded = try? JSONDecoder().decode(OrderCreated.self, from: Data(body))
        #expect((try? EventBody.decode(OrderCreated.self, from: body)) == decoded)
    }

    @Test("an outcome in a state that is not known here is left out, as before")
    func unknownState() throws {
        let text = String(decoding: Self.batch.json(), as: UTF8.self)
        let body = Array(text.replacing("retrying", with: "dreaming").utf8)
        #expect(OutcomeBatch(compact: body) == nil)
        #expect(try EventBody.decode(OutcomeBatch.self, from: body).outcomes.map(\.eventID) == ["e1"])
    }
}
