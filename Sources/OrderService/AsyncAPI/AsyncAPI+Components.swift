import OrderEvents
import WorkQueue

extension AsyncAPI {
    /// Messages, their bodies and their headers.
    var components: YAMLNode {
        let events = OrderEvents.catalog.map { (key: $0.type, value: Self.message(of: $0)) }
        let schemas = OrderEvents.catalog.map { (key: $0.type, value: Self.schema(of: $0)) }
        return [
            "parameters": [
                "service": [
                    "description": "A service's name.",
                    "examples": ["notification", "inventory", "analytics", "order-service"],
                ]
            ],
            "messages": .map(
                events + [
                    (OutcomeBatch.eventType, Self.outcomes),
                    (
                        Self.retried,
                        Self.failed("An event that waits for its next attempt", headers: "headers.retried")
                    ),
                    (
                        Self.dead,
                        Self.failed("An event that a service could not handle", headers: "headers.dead")
                    ),
                ]
            ),
            "schemas": .map(
                schemas + [
                    (OutcomeBatch.eventType, Self.outcomesSchema),
                    ("headers", Self.headers),
                    ("headers.retried", Self.extended("headers", by: Self.retryHeaders)),
                    ("headers.dead", Self.extended("headers.retried", by: Self.deadHeaders)),
                ]
            ),
        ]
    }

    private static func failed(_ title: String, headers: String) -> YAMLNode {
        [
            "title": .text(title),
            "headers": ["$ref": "#/components/schemas/\(headers)"],
            "payload": [
                "description": "The body as it came, unknown fields included.",
                "anyOf": .list(events.map { ["$ref": "#/components/schemas/\($0)"] }),
            ],
        ]
    }

    private static func message(of event: EventDescription) -> YAMLNode {
        [
            "name": .text(event.type),
            "title": .text(event.summary),
            "contentType": "application/json",
            "headers": [
                "allOf": [
                    ["$ref": "#/components/schemas/headers"],
                    ["properties": [EventHeaders.version: ["maximum": .number(Int64(event.version))]]],
                ]
            ],
            "payload": ["$ref": "#/components/schemas/\(event.type)"],
            "bindings": ["amqp": ["messageType": .text(event.type), "bindingVersion": "0.3.0"]],
            "x-version": .number(Int64(event.version)),
            "x-source": .text(event.source),
        ]
    }

    private static func schema(of event: EventDescription) -> YAMLNode {
        object(
            required: event.fields.filter(\.isRequired).map(\.name),
            event.fields.map { ($0.name, property($0)) }
        )
    }

    private static func property(_ field: EventField) -> YAMLNode {
        let kind: [(key: String, value: YAMLNode)] =
            switch field.kind {
            case .integer: [("type", "integer"), ("format", "int64")]
            case .decimal: [("type", "number")]
            case .text: [("type", "string")]
            case .time: [("type", "string"), ("format", "date-time")]
            case .identifier: [("type", "string"), ("format", "uuid")]
            }
        return .map(kind + [("description", .text(field.summary))])
    }

    static func object(required: [String], _ properties: [(key: String, value: YAMLNode)]) -> YAMLNode {
        [
            "type": "object",
            "required": .list(required.map { .text($0) }),
            "properties": .map(properties),
        ]
    }

    private static func extended(_ name: String, by properties: YAMLNode) -> YAMLNode {
        ["allOf": [["$ref": "#/components/schemas/\(name)"], ["type": "object", "properties": properties]]]
    }

    /// CloudEvents 1.0 in binary mode, and ours.
    private static let headers = object(
        required: ["cloudEvents_specversion", "cloudEvents_id", "cloudEvents_source", "cloudEvents_type"],
        [
            ("cloudEvents_specversion", ["const": "1.0"]),
            ("cloudEvents_id", text("The event's own id; also the property message_id.")),
            ("cloudEvents_source", text("Who says so; also the property app_id, without the slash.")),
            ("cloudEvents_type", text("What happened; also the property type.")),
            (
                "cloudEvents_time",
                ["type": "string", "format": "date-time", "description": "When it happened."]
            ),
            ("cloudEvents_subject", text("The order's id; also the property correlation_id.")),
            (
                EventHeaders.version,
                [
                    "type": "integer", "minimum": 1, "default": 1,
                    "description":
                        "Version of the body. Consumers read older ones, and set newer ones aside.",
                ]
            ),
            ("traceparent", text("W3C trace context, where there is a trace.")),
            (
                EventHeaders.replayed,
                ["const": true, "description": "Present on history that an operator sends to one service."]
            ),
        ]
    )

    private static let retryHeaders: YAMLNode = [
        FailureHeaders.attempt: ["type": "integer", "minimum": 1, "description": "Attempts made so far."],
        FailureHeaders.firstFailedAt: ["type": "string", "format": "date-time"],
        FailureHeaders.lastFailedAt: ["type": "string", "format": "date-time"],
        FailureHeaders.error: text("Why the last attempt failed: one line, at most 1 KiB."),
    ]

    private static let deadHeaders: YAMLNode = [
        FailureHeaders.reason: [
            "enum": .list(
                [DeadLetterReason.exhausted, .permanent, .undecodable].map { .text($0.rawValue) }
            ),
            "description": "Why no further attempt is made; absent where the broker gave up.",
        ],
        FailureHeaders.service: text("Whose dead letter it is."),
    ]

    static func text(_ description: String) -> YAMLNode {
        ["type": "string", "description": .text(description)]
    }
}
