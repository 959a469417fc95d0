import FoundationEssentials
import OrderEvents

@testable import OrderService

/// The body of `POST /orders`.
enum OrderFuzzer {
    private struct AnyObject: Decodable {}

    static func run(_ bytes: [UInt8]) throws {
        let json: JSONMembers
        do throws(JSONMembers.Failure) {
            json = try JSONMembers(bytes)
        } catch {
            return try promiseOneLine(error.reason, "the reason")
        }
        if json.members != nil {
            // What this service takes, everybody else must be able to read.
            let isRead = (try? JSONDecoder().decode(AnyObject.self, from: Data(bytes))) != nil
            try promise(isRead, "Foundation does not take it for an object")
        }
        var problems: [FieldProblem] = []
        let draft = OrderDraft.read(json, problems: &problems)
        try promise((draft == nil) == !problems.isEmpty, "an order with problems, or neither")
        for problem in problems { try promiseOneLine("\(problem.field) \(problem.message)", "a problem") }
        if let draft { try check(draft) }
    }

    private static func check(_ draft: OrderDraft) throws {
        try promise(draft.userID >= 1 && draft.productID >= 1, "an identifier below 1")
        try promise((1...10_000).contains(draft.quantity), "quantity \(draft.quantity)")
        try promise((1...100_000_000).contains(draft.price.minorUnits), "price \(draft.price)")
        let total = draft.price.minorUnits * Int64(draft.quantity)
        try promise(draft.total.minorUnits == total, "total \(draft.total)")
        for text in [draft.email, draft.phone].compactMap({ $0 }) { try promiseOneLine(text, "an address") }
        let order = OrderCreated(
            id: "0190a8c0-1111-7000-8000-000000000002",
            userID: draft.userID,
            productID: draft.productID,
            quantity: draft.quantity,
            price: draft.price,
            total: draft.total,
            createdAt: "2026-01-02T03:04:05.678Z",
            email: draft.email,
            phone: draft.phone
        )
        let again = try JSONDecoder().decode(OrderCreated.self, from: Data(order.json()))
        try promise(again == order, "another order after the wire")
    }
}
