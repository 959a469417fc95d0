import OrderEvents
import RabbitMQ
import WorkQueue

extension OutgoingMessage {
    /// The event that tells of an order, as it goes on the wire; the same order always gives the same message.
    init(telling order: Order) {
        self.init(
            exchange: OrderEvents.exchangeName,
            routingKey: OrderCreated.type,
            properties: EnvelopeCodec.properties(
                id: order.eventID,
                type: OrderCreated.type,
                source: OrderEvents.source,
                time: order.facts.createdAt,
                timestamp: order.acceptedAt.seconds,
                subject: order.id,
                traceparent: order.traceParent
            ),
            body: order.facts.json()
        )
    }
}

extension Topology {
    /// What the order service needs: the exchange alone; a queue is its own service's affair.
    static let orderService = Topology.events(exchange: OrderEvents.exchangeName)
}
