import EventLog
import OrderEvents
import RabbitMQ
import ServiceKit

/// One event in a list.
struct PrintedEvent: Encodable, Sendable {
    var id: String
    var type: String
    var version: Int
    var source: String
    var subject: String
    var time: String
    var state: String

    init(_ entry: EventLog.Entry) {
        id = entry.event.id
        type = entry.event.type
        version = entry.event.version
        source = entry.event.source
        subject = entry.event.subject
        time = entry.event.at.text
        state = entry.isPublished ? "published" : "pending"
    }
}

/// One event with everything in its message.
struct WholeEvent: Encodable, Sendable {
    var summary: PrintedEvent
    var exchange: String
    var routingKey: String
    var properties: [String: String]
    var headers: [String: PrintedValue]
    var body: String

    init(_ entry: EventLog.Entry) {
        let message = entry.event.published
        summary = PrintedEvent(entry)
        exchange = message.exchange
        routingKey = message.routingKey
        let all: [String: String?] = [
            "content_type": message.properties.contentType,
            "delivery_mode": message.properties.deliveryMode.map { "\($0.rawValue)" },
            "correlation_id": message.properties.correlationID,
            "message_id": message.properties.messageID,
            "timestamp": message.properties.timestamp.map { "\($0)" },
            "type": message.properties.type,
            "app_id": message.properties.appID,
        ]
        properties = all.compactMapValues { $0 }
        headers = PrintedValue.all(in: message.properties.headers)
        body = String(decoding: message.body, as: UTF8.self)
    }

    private enum CodingKeys: String, CodingKey {
        case exchange
        case routingKey = "routing_key"
        case properties, headers, body
    }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(exchange, forKey: .exchange)
        try container.encode(routingKey, forKey: .routingKey)
        try container.encode(properties, forKey: .properties)
        try container.encode(headers, forKey: .headers)
        try container.encode(body, forKey: .body)
    }

    /// For a person.
    var text: String {
        var table = Table("FIELD", "VALUE")
        table.add("state", summary.state)
        table.add("exchange", exchange)
        table.add("routing key", routingKey)
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) { table.add(name, value) }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            table.add("header \(name)", value.value.description)
        }
        return table.text + "\n\n" + LogText.escaped(body)
    }
}
