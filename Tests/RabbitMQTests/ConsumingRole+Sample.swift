import Logging

@testable import RabbitMQ

extension ConsumingRole {
    /// A role with an open channel on the queue `q`.
    static func sample(
        prefetch: UInt16 = 10,
        first: Intake = .full,
        upkeep: [OutboundMethod] = [],
        duty: TopologyDuty = .declare,
        buffer: DeliveryBuffer,
        epoch: EpochBox = EpochBox(),
        deafness: DeafnessCounter = DeafnessCounter()
    ) -> ConsumingRole {
        var role = ConsumingRole(
            ConsumingRole.Surroundings(
                queue: "q",
                prefetch: prefetch,
                first: first,
                upkeep: upkeep,
                duty: duty,
                watchInterval: .seconds(10),
                buffer: buffer,
                epoch: epoch,
                deafness: deafness,
                logger: Logger(label: "test")
            )
        )
        role.channelOpened()
        return role
    }

    /// The broker delivers a message under this number.
    mutating func deliver(_ number: UInt64) throws {
        let method = InboundMethod.basicDeliver(
            tag: number,
            redelivered: false,
            exchange: "",
            routingKey: "q"
        )
        try received(.init(method: method, properties: MessageProperties(), body: []))
    }
}
