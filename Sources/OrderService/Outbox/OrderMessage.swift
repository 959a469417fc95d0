import EventLog
import OrderEvents
import RabbitMQ
import WorkQueue

extension OutgoingMessage {
    /// The event that tells of an order, as it goes on the wire; the same order always gives the same message.
    init(telling order: Order) {
        self = LoggedEvent(telling: order).published
    }
}

extension Topology {
    /// What the order service needs: the exchange alone; a queue is its own service's affair.
    static let orderService = Topology.events(exchange: OrderEvents.exchangeName)
}
