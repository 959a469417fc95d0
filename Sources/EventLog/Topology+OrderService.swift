import OrderEvents
public import RabbitMQ
public import WorkQueue

extension Topology {
    /// What the order service consumes: every outcome, and the events of other services, which it logs.
    ///
    /// Its own events do not travel back: `order-service.filter` lets through the types of others only.
    ///
    /// - Parameter retry: Its retry ladder.
    /// - Returns: The queue `order-service` with everything around it.
    public static func orderService(retry: RetryPolicy) -> Topology {
        .service(orderServiceName, of: OrderEvents.outcomesExchangeName, retry: retry) + .othersEvents
    }

    /// The service name of the order service.
    public static let orderServiceName = "order-service"

    /// The way of the events that other services publish to the order service's queue.
    public static let othersEvents = OrderEvents.catalog
        .filter { $0.source != OrderEvents.source }
        .map { event in
            Topology.filteredBinding(
                queue: orderServiceName,
                exchange: OrderEvents.exchangeName,
                headers: ["cloudEvents_type": .string(event.type)]
            )
        }
        .reduce(Topology(), +)
}
