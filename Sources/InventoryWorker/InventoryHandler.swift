import CrashPoints
import Database
import Logging
import Metrics
import OrderEvents
import ServiceKit
import WorkQueue

/// Takes what was ordered out of the stock.
///
/// However often an event is delivered, and however many instances get it, it takes effect once. An order beyond the
/// stock is told to all services as `inventory.rejected`; the order's own event is acknowledged only after that.
struct InventoryHandler: EventHandler {
    private let store: StockStore
    private let events: EventPublisher
    private let storage: StorageGuard
    private let logger: Logger
    private let counts: OutcomeCounts

    init(
        store: StockStore,
        events: EventPublisher,
        storage: StorageGuard? = nil,
        logger: Logger,
        metrics: any MetricsFactory
    ) {
        self.store = store
        self.events = events
        self.storage = storage ?? StorageGuard(logger: logger, metrics: metrics)
        self.logger = logger
        counts = OutcomeCounts(metrics)
    }

    func handle(_ order: OrderCreated, in context: DeliveryContext) async -> Verdict {
        // A negative quantity would add to the stock; the order service never writes one, but others may.
        guard order.quantity >= 1 else { return .deadLetter(FailureNote("quantity must be at least 1")) }
        return await storage.run {
            let outcome = try await store.apply(order, eventID: context.eventID)
            CrashPoint.reached(.effectCommitted)
            return try await conclude(outcome, order, context)
        }
    }

    private func conclude(
        _ outcome: StockStore.Outcome,
        _ order: OrderCreated,
        _ context: DeliveryContext
    ) async throws -> Verdict {
        switch outcome {
        case .sold(let name, let remaining):
            counts.sold.increment()
            logger.announce(.sold(order, name: name, remaining: remaining))
            return .sold(remaining: remaining)
        case .rejected(let rejection):
            return try await tell(rejection, order, context)
        case .duplicate(let earlier):
            counts.duplicate.increment()
            logger.debug("Event was applied before", metadata: ["event_id": "\(context.eventID)"])
            // The same words again: the first time may not have been told.
            return earlier.wasSold
                ? .sold(remaining: earlier.remaining)
                : .outOfStock(quantity: earlier.quantity, remaining: earlier.remaining)
        case .unknownProduct:
            counts.unknownProduct.increment()
            return .deadLetter(FailureNote("unknown product \(order.productID)"))
        }
    }

    private func tell(
        _ rejection: Rejection,
        _ order: OrderCreated,
        _ context: DeliveryContext
    ) async throws -> Verdict {
        let event = rejection.event(refusing: order, traceparent: context.envelope.traceparent)
        if let failure = await events.publish(event) { return .retry(failure) }
        // Should this fail, the same event is published once more; who has seen it knows its id.
        try await store.markPublished(refusalOf: context.eventID)
        counts.rejected.increment()
        logger.announce(
            .rejected(order, name: rejection.productName, remaining: rejection.remaining),
            level: .warning
        )
        return .outOfStock(quantity: Int64(order.quantity), remaining: rejection.remaining)
    }
}

extension Verdict {
    fileprivate static func sold(remaining: Int64) -> Verdict {
        .done("Remaining stock: \(remaining)")
    }

    fileprivate static func outOfStock(quantity: Int64, remaining: Int64) -> Verdict {
        .rejected("Out of stock: \(quantity) ordered, \(remaining) left")
    }
}

/// `inventory_orders_total` by outcome.
private struct OutcomeCounts: Sendable {
    let sold: Counter
    let rejected: Counter
    let duplicate: Counter
    let unknownProduct: Counter

    init(_ factory: any MetricsFactory) {
        func counter(_ outcome: String) -> Counter {
            Counter(label: "inventory_orders_total", dimensions: [("outcome", outcome)], factory: factory)
        }
        sold = counter("sold")
        rejected = counter("rejected")
        duplicate = counter("duplicate")
        unknownProduct = counter("unknown_product")
    }
}

extension Announcement {
    /// What a person sees when stock was taken.
    static func sold(_ order: OrderCreated, name: String, remaining: Int64) -> Announcement {
        Announcement(
            "Stock updated",
            title: "📦 INVENTORY: Updated product \(order.productID)",
            lines: ["Product: \(name)", "Quantity sold: \(order.quantity)", "Remaining stock: \(remaining)"],
            fields: fields(order, name, remaining)
        )
    }

    /// What a person sees when there was not enough.
    static func rejected(_ order: OrderCreated, name: String, remaining: Int64) -> Announcement {
        Announcement(
            "Order exceeds stock",
            title: "📦 INVENTORY: Not enough of product \(order.productID)",
            lines: [
                "Product: \(name)", "Quantity ordered: \(order.quantity)", "Remaining stock: \(remaining)",
            ],
            fields: fields(order, name, remaining)
        )
    }

    private static func fields(_ order: OrderCreated, _ name: String, _ remaining: Int64) -> Logger.Metadata {
        [
            "order_id": .string(order.id), "product_id": .stringConvertible(order.productID),
            "product": .string(name),
            "quantity": .stringConvertible(order.quantity), "remaining": .stringConvertible(remaining),
        ]
    }
}
