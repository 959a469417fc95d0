import WorkQueue

extension AsyncAPI {
    /// The message that workers report outcomes with.
    static let outcomes: YAMLNode = [
        "name": .text(OutcomeBatch.eventType),
        "title": "What became of events at one service.",
        "contentType": "application/json",
        "headers": ["$ref": "#/components/schemas/headers"],
        "payload": ["$ref": "#/components/schemas/\(OutcomeBatch.eventType)"],
        "bindings": ["amqp": ["messageType": .text(OutcomeBatch.eventType), "bindingVersion": "0.3.0"]],
        "x-version": .number(Int64(OutcomeBatch.eventVersion)),
    ]

    static let outcomesSchema = object(
        required: ["service", "outcomes"],
        [
            ("service", text("Who reports.")),
            ("outcomes", ["type": "array", "items": outcome]),
        ]
    )

    private static let outcome = object(
        required: ["event_id", "event_type", "state", "attempt", "at"],
        [
            ("event_id", text("The event.")),
            ("event_type", text("Its type.")),
            ("subject", text("What it is about, such as the order's id.")),
            ("state", ["enum": .list(Outcome.State.allCases.map { .text($0.rawValue) })]),
            ("attempt", ["type": "integer", "minimum": 1]),
            ("at", milliseconds("When.")),
            ("next_at", milliseconds("When the next attempt is due; of retrying only.")),
            ("detail", text("One line for people.")),
        ]
    )

    private static func milliseconds(_ description: String) -> YAMLNode {
        ["type": "integer", "format": "int64", "description": "\(description) Milliseconds since 1970."]
    }
}
