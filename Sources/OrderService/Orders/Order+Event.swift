import EventLog
import OrderEvents

extension LoggedEvent {
    /// The event that tells of an order; the same order always gives the same event.
    init(telling order: Order) {
        self.init(
            id: order.eventID,
            type: OrderCreated.type,
            source: OrderEvents.source,
            subject: order.id,
            at: order.acceptedAt,
            traceparent: order.traceParent,
            body: order.facts.json()
        )
    }
}
