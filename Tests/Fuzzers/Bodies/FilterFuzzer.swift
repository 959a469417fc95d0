import FoundationEssentials

@testable import EventFilter

/// An expression, a line end, and the body that it is asked about.
enum FilterFuzzer {
    static func run(_ bytes: [UInt8]) throws {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let expression = String(decoding: bytes[..<end], as: UTF8.self)
        let event = FuzzedEvent(body: Array(bytes[end...].dropFirst()))
        do {
            let filter = try EventFilter(expression, schema: schema)
            let first = filter.accepts(event)
            try promise(filter.accepts(event) == first, "another answer the second time")
            let negated = try? EventFilter("!(\(expression))", schema: schema)
            if let negated, isReadable(event) {
                try promise(negated.accepts(event) != first, "neither it nor its opposite, or both")
            }
        } catch let error as FilterError {
            try check(error, expression)
        }
        _ = try? BrokerFilter(expression, schema: schema)
        try compare(event)
    }

    private static let schema = FilterSchema(bodyFields: [
        .init("total", .number), .init("quantity", .number), .init("email", .text), .init("gift", .flag),
    ])

    private static func check(_ error: FilterError, _ expression: String) throws {
        try promise(
            (1...expression.count + 1).contains(error.column),
            "column \(error.column) of \(expression.count)"
        )
        try promiseOneLine(error.description, "the error")
        try promise(error.illustration.count == 2, "no expression with a caret")
        for line in error.illustration { try promiseOneLine(line, "the illustration") }
    }

    private static func holds(_ expression: String, _ event: FuzzedEvent) throws -> Bool {
        try EventFilter(expression, schema: schema).accepts(event)
    }

    private static func isReadable(_ event: FuzzedEvent) -> Bool {
        // Of a body that cannot be read every condition on a field holds.
        guard let has = try? holds("has(body.x)", event), let not = try? holds("!has(body.x)", event) else {
            return false
        }
        return !(has && not)
    }

    private struct Order: Decodable {
        var total: Decimal?
        var email: String?
        var gift: Bool?
    }

    /// The filter and the handler, which reads with `JSONDecoder`, see the same event.
    private static func compare(_ event: FuzzedEvent) throws {
        guard isReadable(event), let order = try? JSONDecoder().decode(Order.self, from: Data(event.body))
        else { return }
        try promise(try holds("has(total)", event) == (order.total != nil), "total is there for one only")
        try promise(try holds("has(email)", event) == (order.email != nil), "email is there for one only")
        try promise(try holds("gift", event) == (order.gift ?? false), "gift is true for one only")
        if let email = order.email, email.utf8.count < 500, !email.contains(where: { "\"\\".contains($0) }),
            email.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        {
            try promise(
                try holds("email == \"\(email)\"", event),
                "email \(email.debugDescription) is unlike itself"
            )
        }
        // Beyond its 38 digits a decimal is rounded.
        if let total = order.total, total.description.utf8.count <= 36 {
            try promise(try holds("total >= 100", event) == (total >= 100), "total \(total) is not compared")
        }
    }
}

/// An event of which only the body is foreign.
private struct FuzzedEvent: FilterableEvent {
    let body: [UInt8]

    func value(of attribute: FilterAttribute) -> FilterValue {
        switch attribute {
        case .version: .number(1)
        case .replayed: .flag(false)
        default: .text("order.created")
        }
    }

    func value(ofHeader name: String) -> FilterValue {
        switch name {
        case "region": .text("eu")
        case "level": .number(isNegative: true, magnitude: 125, scale: 1)
        case "vip": .flag(true)
        default: .absent
        }
    }
}
