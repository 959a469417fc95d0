// The README shows what stands between the two marks, to the letter.
// README begin
import WorkQueue

/// What loyalty reads of `order.created`; all other fields are ignored.
struct LoyaltyOrder: EventPayload {
    static let eventType = "order.created"
    var user_id: Int64
    var quantity: Int64
}

/// A point for each piece ordered.
struct LoyaltyHandler: EventHandler {
    let points: any PointsStore

    func handle(_ order: LoyaltyOrder, in context: DeliveryContext) async -> Verdict {
        do {
            try await points.add(order.quantity, to: order.user_id, for: context.eventID)
            return .done
        } catch {
            return .retry(FailureNote("\(error)"))
        }
    }
}

/// Keeps points; writes the event's id in the same transaction, so that a second delivery changes nothing.
protocol PointsStore: Sendable {
    func add(_ points: Int64, to user: Int64, for eventID: String) async throws
}
// README end
