import Logging
import Metrics
import OrderEvents
import ServiceKit
import Synchronization

/// What people and dashboards learn of the relay.
final class OutboxTelemetry: Sendable {
    private let logger: Logger
    private let published = Counter(label: "outbox_published_total")
    private let unroutable = Counter(label: "outbox_unroutable_total")
    private let refused = Counter(label: "outbox_refused_total")
    private let unknown = Counter(label: "outbox_unknown_total")
    private let notSent = Counter(label: "outbox_not_sent_total")
    private let standing = Mutex<OutboxMachine.Fault?>(nil)

    init(logger: Logger) {
        self.logger = logger
    }

    /// Counts a batch and announces each event that the broker has.
    func note(_ review: BatchReview) {
        published.increment(by: review.confirmed.count)
        unroutable.increment(by: review.unroutable)
        refused.increment(by: review.refused)
        unknown.increment(by: review.unknown)
        notSent.increment(by: review.notSent)
        // Writing the summaries costs something, so not for a log that drops them.
        guard logger.logLevel <= .info else { return }
        for order in review.confirmed { logger.announce(Self.announcement(of: order)) }
    }

    /// Logs when publishing begins to fail, when it fails in another way, and when it works again.
    func noteStanding(_ fault: OutboxMachine.Fault?) {
        let isNews = standing.withLock { standing in
            defer { standing = fault }
            return standing != fault
        }
        guard isNews else { return }
        switch fault {
        case nil: logger.info("Events are published again")
        case .unroutable(let reason):
            logger.warning("Events reach no queue and wait", metadata: ["reason": "\(reason)"])
        case .broker(let reason):
            logger.warning("Events cannot be published and wait", metadata: ["reason": "\(reason)"])
        case .database(let reason):
            logger.error("The outbox cannot be read or marked", metadata: ["reason": "\(reason)"])
        }
    }
}

extension OutboxTelemetry {
    /// Tells that the broker has the event of an order; without personal data.
    static func announcement(of order: Order) -> Announcement {
        let facts = order.facts
        return Announcement(
            "Event published",
            title: "📢 Published to 'order.created': \(facts.summary)",
            fields: [
                "event_id": .string(order.eventID),
                "event_type": "order.created",
                "order_id": .string(order.id),
                "user_id": .stringConvertible(facts.userID),
                "product_id": .stringConvertible(facts.productID),
                "quantity": .stringConvertible(facts.quantity),
                "total": .string(facts.total.decimalText),
                "currency": .string(facts.currency),
            ]
        )
    }
}
