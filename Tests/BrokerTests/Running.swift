import Logging
import RabbitMQ
import RabbitMQNode
import ServiceLifecycle
import SystemPackage
import TestSupport

/// Runs a service for as long as the body needs it, and waits for its end.
@discardableResult
func running<Result: Sendable>(
    _ services: any Service...,
    body: () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for service in services { group.addTask { try await service.run() } }
        defer { group.cancelAll() }
        return try await body()
    }
}

extension BrokerSettings {
    /// Settings for the suite's node.
    ///
    /// A short heartbeat, so that a silent broker is noticed while a test waits.
    static func suite(heartbeat: Duration = .seconds(10)) throws -> BrokerSettings {
        BrokerSettings(
            endpoints: try Endpoint.parseList(BrokerNode.current().url),
            heartbeat: heartbeat,
            connectionName: "broker-tests"
        )
    }
}

extension Topology {
    /// One quorum queue behind a direct exchange of the same name.
    static func single(_ name: String, arguments: FieldTable = [:]) -> Topology {
        Topology(
            exchanges: [ExchangeDeclaration(name, kind: .direct)],
            queues: [
                QueueDeclaration(
                    name,
                    arguments: (["x-queue-type": "quorum"] as FieldTable).merging(arguments)
                )
            ],
            bindings: [Binding(exchange: name, queue: name, routingKey: "key")]
        )
    }
}

/// A message for the exchange of ``RabbitMQ/Topology/single(_:arguments:)``.
func message(_ exchange: String, id: String, key: String = "key", body: String = "{}") -> OutgoingMessage {
    OutgoingMessage(
        exchange: exchange,
        routingKey: key,
        properties: MessageProperties(deliveryMode: .persistent, messageID: id),
        body: Array(body.utf8)
    )
}

let quiet: Logger = {
    var logger = Logger(label: "broker-tests")
    logger.logLevel = .critical
    return logger
}()
