public import RabbitMQ

/// CloudEvents 1.0 over AMQP 0-9-1 in binary mode: attributes are headers, the body is the data.
///
/// Written with the prefix `cloudEvents_`, read with `cloudEvents:` too. `message_id` and `type` say the same as the
/// attributes and are enough for a sender that knows nothing of CloudEvents.
/// Source: CloudEvents AMQP protocol binding 1.0.2, section 3.1.
public enum EnvelopeCodec {
    /// Most bytes of an id, a type and every other attribute: what AMQP's own `message_id` and `type` can hold.
    public static let longestAttribute = 255

    /// Reads a delivery.
    ///
    /// An attribute beside id and type that is longer than ``longestAttribute`` or no single line counts as absent.
    /// - Throws: ``UndecodableMessage`` where the id or the type is missing, too long or no single line, or the version is
    ///   none. The body is not looked at.
    public static func decode(_ delivery: Delivery) throws(UndecodableMessage) -> EventEnvelope {
        let properties = delivery.properties
        let headers = properties.headers
        guard
            let id = nonEmpty(properties.messageID) ?? attribute("cloudEvents_id", "cloudEvents:id", headers)
        else {
            throw UndecodableMessage("the message has no id (message_id or cloudEvents_id)")
        }
        // Bytes that are no UTF-8 were replaced on arrival: two such ids could look the same.
        guard OneLine.isPrintable(id.utf8.span) || !id.unicodeScalars.contains("\u{FFFD}") else {
            throw UndecodableMessage("the id is not UTF-8")
        }
        guard
            let type = nonEmpty(properties.type) ?? attribute("cloudEvents_type", "cloudEvents:type", headers)
        else {
            throw UndecodableMessage("the message has no type (type or cloudEvents_type)")
        }
        // A database takes what follows a NUL for no part of the text: two such ids would be one.
        guard isAttribute(id) else { throw unusable("id") }
        guard isAttribute(type) else { throw unusable("type") }
        return EventEnvelope(
            id: id,
            type: type,
            version: try version(headers),
            attempts: FailureHeaders.attempts(in: headers),
            properties: properties,
            body: delivery.body
        )
    }

    /// Writes the properties of a new event.
    /// - Parameters:
    ///   - id: Unique for all time; also `message_id`.
    ///   - type: Past tense; also the property `type`.
    ///   - version: Of the type's body, from 1.
    ///   - source: The program, as a path such as `/order-service`; `app_id` is the same without the slash.
    ///   - time: RFC 3339.
    ///   - timestamp: The same moment in seconds since 1970.
    ///   - subject: What it is about; also `correlation_id`.
    ///   - traceparent: The W3C trace that it belongs to, if any.
    /// - Returns: Properties of a persistent message.
    public static func properties(
        id: String,
        type: String,
        version: Int = 1,
        source: String,
        time: String,
        timestamp: UInt64,
        subject: String,
        traceparent: String?
    ) -> MessageProperties {
        var headers: FieldTable = [
            "cloudEvents_specversion": "1.0",
            "cloudEvents_id": .string(id),
            "cloudEvents_source": .string(source),
            "cloudEvents_type": .string(type),
            "cloudEvents_time": .string(time),
            "cloudEvents_subject": .string(subject),
            EventHeaders.version: .int64(Int64(version)),
        ]
        if let traceparent { headers["traceparent"] = .string(traceparent) }
        return MessageProperties(
            contentType: "application/json",
            headers: headers,
            deliveryMode: .persistent,
            correlationID: subject,
            messageID: id,
            timestamp: timestamp,
            type: type,
            appID: source.hasPrefix("/") ? String(source.dropFirst()) : source
        )
    }

    private static func version(_ headers: FieldTable) throws(UndecodableMessage) -> Int {
        guard let value = headers[EventHeaders.version] else { return 1 }
        // Other clients may write a number as text.
        guard let number = value.integer ?? value.text.flatMap({ Int64($0) }),
            (1...1_000_000).contains(number)
        else {
            throw UndecodableMessage("\(EventHeaders.version) is no whole number from 1")
        }
        return Int(number)
    }

    static func attribute(_ name: String, _ other: String, _ headers: FieldTable) -> String? {
        nonEmpty(headers[name]?.text) ?? nonEmpty(headers[other]?.text)
    }

    static func checked(_ text: String?) -> String? {
        text.flatMap { isAttribute($0) ? $0 : nil }
    }

    private static func unusable(_ name: String) -> UndecodableMessage {
        UndecodableMessage("the \(name) is no single line of at most \(longestAttribute) bytes")
    }

    private static func isAttribute(_ text: String) -> Bool {
        OneLine.isOne(text, longest: longestAttribute)
    }

    static func nonEmpty(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text
    }
}
