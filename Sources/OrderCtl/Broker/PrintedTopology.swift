import RabbitMQ

/// A topology as JSON.
struct PrintedTopology: Encodable {
    struct Exchange: Encodable {
        var name: String
        var type: String
        var durable: Bool
        var arguments: [String: PrintedValue]
    }

    struct Queue: Encodable {
        var name: String
        var durable: Bool
        var arguments: [String: PrintedValue]
    }

    struct Binding: Encodable {
        var exchange: String
        var queue: String
        var routingKey: String
        var arguments: [String: PrintedValue]

        enum CodingKeys: String, CodingKey {
            case exchange
            case queue
            case routingKey = "routing_key"
            case arguments
        }
    }

    struct ExchangeBinding: Encodable {
        var source: String
        var destination: String
        var routingKey: String
        var arguments: [String: PrintedValue]

        enum CodingKeys: String, CodingKey {
            case source
            case destination
            case routingKey = "routing_key"
            case arguments
        }
    }

    var exchanges: [Exchange]
    var queues: [Queue]
    var exchangeBindings: [ExchangeBinding]
    var bindings: [Binding]

    enum CodingKeys: String, CodingKey {
        case exchanges
        case queues
        case exchangeBindings = "exchange_bindings"
        case bindings
    }

    init(_ topology: Topology) {
        exchanges = topology.exchanges.map {
            Exchange(
                name: $0.name,
                type: $0.kind.rawValue,
                durable: $0.lifetime == .durable,
                arguments: PrintedValue.all(in: $0.arguments)
            )
        }
        queues = topology.queues.map {
            Queue(
                name: $0.name,
                durable: $0.lifetime == .durable,
                arguments: PrintedValue.all(in: $0.arguments)
            )
        }
        exchangeBindings = topology.exchangeBindings.map {
            ExchangeBinding(
                source: $0.source,
                destination: $0.destination,
                routingKey: $0.routingKey,
                arguments: PrintedValue.all(in: $0.arguments)
            )
        }
        bindings = topology.bindings.map {
            Binding(
                exchange: $0.exchange,
                queue: $0.queue,
                routingKey: $0.routingKey,
                arguments: PrintedValue.all(in: $0.arguments)
            )
        }
    }
}

/// A header's or an argument's value as JSON; what JSON has no word for is its text.
struct PrintedValue: Encodable {
    let value: FieldValue

    static func all(in table: FieldTable) -> [String: PrintedValue] {
        Dictionary(table.entries.map { ($0.name, PrintedValue(value: $0.value)) }) { first, _ in first }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .bool(let flag): try container.encode(flag)
        case .void: try container.encodeNil()
        case .array(let values): try container.encode(values.map { PrintedValue(value: $0) })
        case .table(let table): try container.encode(Self.all(in: table))
        default:
            if let number = value.integer {
                try container.encode(number)
            } else {
                try container.encode(value.text ?? value.description)
            }
        }
    }
}
