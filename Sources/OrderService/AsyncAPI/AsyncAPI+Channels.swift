import EventLog
import OrderEvents
import RabbitMQ
import WorkQueue

extension AsyncAPI {
    /// Every exchange and queue: the shared ones, those of any service, those of the order service.
    var channels: [AsyncAPIChannel] {
        let names = ServiceNames(Self.service)
        let own = ServiceNames(Topology.orderServiceName)
        let service = Topology.service(Self.service, of: OrderEvents.exchangeName, retry: retry)
        let shared =
            Topology.events(exchange: OrderEvents.exchangeName)
            + .outcomes(exchange: OrderEvents.outcomesExchangeName)
        let consumed = Topology.orderService(retry: retry)
        let exchanges =
            shared.exchanges + service.exchanges.filter { $0.name == names.failures }
            + consumed.exchanges.filter { $0.name == own.filter }
        let queues = service.queues + consumed.queues.filter { $0.name == own.queue }
        return exchanges.map { channel(of: $0) }
            + queues.map { queue in
                channel(of: queue, queue.name == own.queue ? consumed : service)
            }
    }

    private func channel(of exchange: ExchangeDeclaration) -> AsyncAPIChannel {
        let description: String
        let messages: [String]
        switch exchange.name {
        case OrderEvents.exchangeName:
            description = "Every event of every service; bind a queue of your own to get them."
            messages = Self.events
        case OrderEvents.outcomesExchangeName:
            description = "What became of each event at each service, in batches."
            messages = [OutcomeBatch.eventType]
        case ServiceNames(Self.service).failures:
            description = "The one exchange that a worker publishes failed events to."
            messages = [Self.retried, Self.dead]
        default:
            description = "Lets through, from \(OrderEvents.exchangeName), the events of other services only."
            messages = Self.othersEvents
        }
        return AsyncAPIChannel(
            name: Self.name(exchange.name),
            address: exchange.name,
            description: description,
            messages: messages,
            bindings: [
                "is": "routingKey",
                "exchange": [
                    "name": .text(exchange.name),
                    "type": .text(exchange.kind.rawValue),
                    "durable": .flag(exchange.lifetime == .durable),
                    "autoDelete": false,
                    "x-arguments": Self.node(exchange.arguments),
                ],
                "bindingVersion": "0.3.0",
            ]
        )
    }

    private func channel(of queue: QueueDeclaration, _ topology: Topology) -> AsyncAPIChannel {
        let names = ServiceNames(Self.service)
        let description: String
        let messages: [String]
        switch queue.name {
        case names.queue:
            description = "A service's own queue; all its instances share it."
            messages = Self.events
        case Topology.orderServiceName:
            description =
                "The order service's queue: outcomes for the orders' journeys, and events for the log."
            messages = [OutcomeBatch.eventType] + Self.othersEvents
        case names.deadLetters:
            description = "What a service could not handle; a person decides."
            messages = [Self.dead]
        default:
            description =
                "Where a failed event waits for its next attempt, then returns to its own service's queue only."
            messages = [Self.retried]
        }
        let sources = topology.bindings.filter { $0.queue == queue.name }
            .map { binding -> YAMLNode in
                [
                    "exchange": .text(binding.exchange), "routingKey": .text(binding.routingKey),
                    "arguments": Self.node(binding.arguments),
                ]
            }
        return AsyncAPIChannel(
            name: Self.name(queue.name),
            address: queue.name,
            description: description,
            messages: messages,
            bindings: [
                "is": "queue",
                "queue": [
                    "name": .text(queue.name),
                    "durable": .flag(queue.lifetime == .durable),
                    "exclusive": false,
                    "autoDelete": false,
                    "x-arguments": Self.node(queue.arguments),
                    "x-bindings": .list(sources),
                ],
                "bindingVersion": "0.3.0",
            ]
        )
    }

    /// Who sends and who receives what.
    var operations: YAMLNode {
        func operation(
            _ action: String,
            _ address: String,
            _ summary: String,
            _ messages: [String]
        ) -> YAMLNode {
            let channel = "#/channels/\(Self.name(address))"
            return [
                "action": .text(action),
                "channel": ["$ref": .text(channel)],
                "summary": .text(summary),
                "messages": .list(messages.map { ["$ref": "\(channel)/messages/\($0)"] }),
            ]
        }
        let events = OrderEvents.catalog.map { event in
            (
                key: "publish-\(event.type)",
                value: operation(
                    "send",
                    OrderEvents.exchangeName,
                    "\(event.source): \(event.summary)",
                    [event.type]
                )
            )
        }
        let rest = [
            (
                key: "report-outcomes",
                value: operation(
                    "send",
                    OrderEvents.outcomesExchangeName,
                    "Every worker: what became of the events it consumed.",
                    [OutcomeBatch.eventType]
                )
            ),
            (
                key: "consume-events",
                value: operation("receive", Self.service, "A service: handles what it knows.", Self.events)
            ),
            (
                key: "consume-outcomes",
                value: operation(
                    "receive",
                    Topology.orderServiceName,
                    "The order service: keeps the orders' journeys and the event log.",
                    [OutcomeBatch.eventType] + Self.othersEvents
                )
            ),
        ]
        return .map(events + rest)
    }

    static let events = OrderEvents.catalog.map(\.type)
    static let othersEvents = OrderEvents.catalog.filter { $0.source != OrderEvents.source }.map(\.type)
    static let retried = "event.retried"
    static let dead = "event.dead"

    /// A channel's key: braces are not allowed in one.
    static func name(_ address: String) -> String {
        address.replacing("{", with: "").replacing("}", with: "")
    }

    static func node(_ table: FieldTable) -> YAMLNode {
        .map(
            table.entries.map { entry in
                let value: YAMLNode =
                    if let number = entry.value.integer {
                        .number(number)
                    } else if case .bool(let flag) = entry.value {
                        .flag(flag)
                    } else {
                        .text(entry.value.text ?? entry.value.description)
                    }
                return (entry.name, value)
            }
        )
    }
}
