import DequeModule

@testable import RabbitMQ

/// Deliveries of the first channel by their numbers.
func deliveries(_ numbers: ClosedRange<UInt64>) -> Deque<Delivery> {
    Deque(
        numbers.map { number in
            Delivery(
                tag: DeliveryTag(epoch: 1, number: number),
                wasRedelivered: false,
                exchange: "",
                routingKey: "",
                properties: MessageProperties(),
                body: []
            )
        }
    )
}
