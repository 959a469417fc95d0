import EventLog
import OrderEvents
import RabbitMQ
import WorkQueue

/// The AsyncAPI 3.0 description of exchanges, queues, messages and headers, at `/asyncapi.yaml`.
///
/// Made from the topology that programs declare and from the catalogue of events, so that it cannot say anything else.
/// Source: https://www.asyncapi.com/docs/reference/specification/v3.0.0 and its AMQP bindings 0.3.0.
struct AsyncAPI {
    /// Stands for a service's name in names and addresses.
    static let service = "{service}"

    /// The retry ladder whose tiers are told.
    let retry: RetryPolicy

    var document: String {
        let root: YAMLNode = [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Order events",
                "version": "1.0.0",
                "description": """
                What the programs of the order system say to one another. Every event goes to one fanout exchange; \
                a service consumes its own durable queue bound to it, in its own time. Messages are persistent, \
                delivered at least once, and known by their id.
                """,
            ],
            "defaultContentType": "application/json",
            "servers": [
                "broker": [
                    "host": "localhost:5672",
                    "protocol": "amqp",
                    "protocolVersion": "0.9.1",
                    "description": "RabbitMQ 3.10 or newer; the address is the setting rabbitmq.url.",
                ]
            ],
            "channels": .map(channels.map { (key: $0.name, value: $0.node) }),
            "operations": operations,
            "components": components,
        ]
        return root.document
    }
}

/// One exchange or queue of the description.
struct AsyncAPIChannel {
    let name: String
    let address: String
    let description: String
    /// Names of messages under `components/messages`.
    let messages: [String]
    let bindings: YAMLNode

    var node: YAMLNode {
        var pairs: [(key: String, value: YAMLNode)] = [
            ("address", .text(address)),
            ("description", .text(description)),
            (
                "messages",
                .map(messages.map { ($0, ["$ref": "#/components/messages/\($0)"]) })
            ),
        ]
        if address.contains(AsyncAPI.service) {
            pairs.append(("parameters", ["service": ["$ref": "#/components/parameters/service"]]))
        }
        pairs.append(("bindings", ["amqp": bindings]))
        return .map(pairs)
    }
}
