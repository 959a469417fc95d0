/// Names that every program of the order system agrees on.
///
/// The exchange is all that services know of one another.
public enum OrderEvents {
    /// The durable fanout exchange that every event is published to: `orders.events`.
    public static let exchangeName = "orders.events"
    /// The durable fanout exchange that every service tells what became of each event: `orders.outcomes`.
    public static let outcomesExchangeName = "orders.outcomes"
    /// The CloudEvents source of events about orders: `/order-service`; without its slash the AMQP `app_id`.
    public static let source = "/order-service"
}
