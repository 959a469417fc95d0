import EventFilter

/// An event as an expression sees it.
struct SampleEvent: FilterableEvent {
    var attributes: [FilterAttribute: FilterValue] = [
        .id: .text("0198c0de"),
        .type: .text("order.created"),
        .source: .text("/order-service"),
        .subject: .text("order 7"),
        .time: .text("2026-01-02T03:04:05.678Z"),
        .version: .number(1),
        .replayed: .flag(false),
    ]
    var headers: [String: FilterValue] = [
        "region": .text("eu"), "x-priority": .number(5), "vip": .flag(true),
    ]
    var body: [UInt8]

    init(_ body: String = SampleEvent.order) {
        self.body = Array(body.utf8)
    }

    func value(of attribute: FilterAttribute) -> FilterValue { attributes[attribute] ?? .absent }
    func value(ofHeader name: String) -> FilterValue { headers[name] ?? .absent }

    static let order = """
        {"id":"order 7","user_id":123,"product_id":1,"quantity":2,"price":999.99,"total":1999.98,\
        "currency":"USD","created_at":"2026-01-02T03:04:05.678Z","email":"zoë@example.com","extra":\
        {"deep":[1,{"total":5}],"t":true},"gift":true,"note":null}
        """
}

extension FilterSchema {
    /// The fields of an order, and one that two types of event have with different kinds.
    static let orders = FilterSchema(bodyFields: [
        Field("id", .text), Field("user_id", .number), Field("product_id", .number),
        Field("quantity", .number), Field("price", .number), Field("total", .number),
        Field("currency", .text), Field("created_at", .text), Field("email", .text), Field("phone", .text),
        Field("gift", .flag), Field("reference", .text), Field("reference", .number),
    ])
}

/// Whether the expression holds for the event.
func holds(_ expression: String, _ event: SampleEvent = SampleEvent()) throws -> Bool {
    try EventFilter(expression, schema: .orders).accepts(event)
}

/// Whether the expression holds for the body.
func holds(_ expression: String, body: String) throws -> Bool {
    try holds(expression, SampleEvent(body))
}
