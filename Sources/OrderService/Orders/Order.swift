import OrderEvents

/// An accepted order and the event that tells of it.
struct Order: Hashable, Sendable {
    /// Where the event is.
    enum EventState: String, Sendable {
        /// In the outbox; the broker has not confirmed it yet.
        case pending
        /// The broker has it in every queue bound to the exchange.
        case published
    }

    /// What the event says.
    let facts: OrderCreated
    /// The event's own identifier, the same however often it is published.
    let eventID: String
    /// When the order was accepted.
    let acceptedAt: Timestamp
    /// The trace of the request that placed it.
    let traceParent: String?

    var id: String { facts.id }

    /// What the client asked for.
    var draft: OrderDraft {
        OrderDraft(
            userID: facts.userID,
            productID: facts.productID,
            quantity: facts.quantity,
            price: facts.price,
            email: facts.email,
            phone: facts.phone
        )
    }

    /// Accepts a draft: gives it its identifiers and its time.
    ///
    /// - Parameters:
    ///   - draft: What the client asked for.
    ///   - newest: The newest order there is, after which this one sorts; nil for the first.
    ///   - traceParent: The trace of the request.
    init(accepting draft: OrderDraft, after newest: String?, traceParent: TraceParent?) {
        let id = UUIDv7.next(after: newest.flatMap { UUIDv7($0) })
        acceptedAt = id.timestamp
        facts = OrderCreated(
            id: id.description,
            userID: draft.userID,
            productID: draft.productID,
            quantity: draft.quantity,
            price: draft.price,
            total: draft.total,
            createdAt: acceptedAt.text,
            email: draft.email,
            phone: draft.phone
        )
        eventID = UUIDv7.next().description
        self.traceParent = traceParent?.text
    }

    init(facts: OrderCreated, eventID: String, acceptedAt: Timestamp, traceParent: String?) {
        self.facts = facts
        self.eventID = eventID
        self.acceptedAt = acceptedAt
        self.traceParent = traceParent
    }
}
