import OrderEvents
import RabbitMQ

extension OutgoingMessage {
    /// The event that tells of an order, as it goes on the wire.
    ///
    /// CloudEvents 1.0 in binary mode; the same order always gives the same message.
    init(telling order: Order) {
        var headers: FieldTable = [
            "cloudEvents_specversion": "1.0",
            "cloudEvents_id": .string(order.eventID),
            "cloudEvents_source": .string(OrderEvents.source),
            "cloudEvents_type": .string(OrderCreated.type),
            "cloudEvents_time": .string(order.facts.createdAt),
            "cloudEvents_subject": .string(order.id),
        ]
        if let traceParent = order.traceParent { headers["traceparent"] = .string(traceParent) }
        self.init(
            exchange: OrderEvents.exchangeName,
            routingKey: OrderCreated.type,
            properties: MessageProperties(
                contentType: "application/json",
                headers: headers,
                deliveryMode: .persistent,
                correlationID: order.id,
                messageID: order.eventID,
                timestamp: order.acceptedAt.seconds,
                type: OrderCreated.type,
                appID: OrderEvents.application
            ),
            body: order.facts.json()
        )
    }
}

extension Topology {
    /// What the order service needs: the exchange alone; a queue is its own service's affair.
    static let orderService = Topology(
        exchanges: [ExchangeDeclaration(OrderEvents.exchangeName, kind: .fanout, lifetime: .durable)]
    )
}
