import RabbitMQ
import ServiceKit
import WorkQueue

/// One dead letter in a list.
struct PrintedDeadLetter: Encodable, Sendable {
    var id: String?
    var type: String?
    var reason: String
    var error: String?
    var attempts: Int
    var firstFailedAt: String?
    var lastFailedAt: String?

    init(_ letter: DeadLetter) {
        id = letter.id
        type = letter.type
        reason = letter.reason
        error = letter.error
        attempts = letter.attempts
        firstFailedAt = letter.firstFailedAt
        lastFailedAt = letter.lastFailedAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, reason, error, attempts
        case firstFailedAt = "first_failed_at"
        case lastFailedAt = "last_failed_at"
    }

    /// Every key in every object: what is not known is null, not absent.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(type, forKey: .type)
        try container.encode(reason, forKey: .reason)
        try container.encode(error, forKey: .error)
        try container.encode(attempts, forKey: .attempts)
        try container.encode(firstFailedAt, forKey: .firstFailedAt)
        try container.encode(lastFailedAt, forKey: .lastFailedAt)
    }

    /// Prints a list.
    static func print(_ letters: [PrintedDeadLetter], asJSON: Bool) throws {
        guard !asJSON else { return try Console.json(letters) }
        guard !letters.isEmpty else { return Console.line("No dead letters.") }
        var table = Table("ID", "TYPE", "REASON", "ATTEMPTS", "LAST FAILED", "ERROR")
        for letter in letters {
            table.add(
                letter.id ?? "-",
                letter.type ?? "-",
                String(letter.reason.prefix(40)),
                "\(letter.attempts)",
                String((letter.lastFailedAt ?? "-").prefix(40)),
                String((letter.error ?? "-").prefix(80))
            )
        }
        Console.line(table.text)
    }
}

/// One dead letter with everything in it.
struct WholeDeadLetter: Encodable, Sendable {
    var summary: PrintedDeadLetter
    var exchange: String
    var routingKey: String
    var contentType: String?
    var headers: [String: PrintedValue]
    var body: String

    init(_ letter: DeadLetter) {
        summary = PrintedDeadLetter(letter)
        exchange = letter.message.exchange
        routingKey = letter.message.routingKey
        contentType = letter.message.properties.contentType
        headers = PrintedValue.all(in: letter.message.properties.headers)
        body = String(decoding: letter.message.body, as: UTF8.self)
    }

    private enum CodingKeys: String, CodingKey {
        case exchange
        case routingKey = "routing_key"
        case contentType = "content_type"
        case headers
        case body
    }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(exchange, forKey: .exchange)
        try container.encode(routingKey, forKey: .routingKey)
        try container.encode(contentType, forKey: .contentType)
        try container.encode(headers, forKey: .headers)
        try container.encode(body, forKey: .body)
    }

    /// For a person.
    var text: String {
        var table = Table("FIELD", "VALUE")
        table.add("id", summary.id ?? "-")
        table.add("type", summary.type ?? "-")
        table.add("reason", summary.reason)
        table.add("error", summary.error ?? "-")
        table.add("attempts", "\(summary.attempts)")
        table.add("first failed", summary.firstFailedAt ?? "-")
        table.add("last failed", summary.lastFailedAt ?? "-")
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            table.add("header \(name)", value.value.description)
        }
        return table.text + "\n\n" + LogText.escaped(body)
    }
}
