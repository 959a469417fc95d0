import FoundationEssentials
import OrderEvents
import RabbitMQ
import TestSupport

/// One message of a flood, and what must become of it.
struct FloodMessage: Sendable {
    enum Fate: Sendable {
        /// Its effect comes about once.
        case done
        /// It is a dead letter.
        case dead
        /// Nobody handles its type.
        case ignored
        /// One of the first two: bytes were changed at random, and what came out may still be an order.
        case either
    }

    /// On every copy of it.
    static let numberHeader = "flood-number"

    var eventID: String
    var fate: Fate
    var properties: MessageProperties
    var body: [UInt8]
}

/// Makes valid, broken and absurd messages; the same seed makes the same ones.
struct FloodMessages {
    private var random: SeededRandom
    private let seed: UInt64
    private var good: [FloodMessage] = []

    init(seed: UInt64) {
        self.seed = seed
        random = SeededRandom(state: seed)
    }

    /// Message number `number`.
    mutating func next(_ number: Int) -> FloodMessage {
        var message = valid(number)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: good.append(message)
        // The same event again.
        case 40..<45: message = good.randomElement(using: &random) ?? message
        case 45..<60: strange(&message)
        case 60..<75: breakBody(&message)
        case 75..<88: breakProperties(&message)
        case 88..<93: ignore(&message)
        default: mutate(&message)
        }
        message.properties.headers[FloodMessage.numberHeader] = .int64(Int64(number))
        return message
    }

    private mutating func valid(_ number: Int) -> FloodMessage {
        let eventID = "flood-\(seed)-\(number)"
        let price = Money(minorUnits: .random(in: 1...10_000, using: &random))
        let order = OrderCreated(
            id: "order-\(number)",
            userID: .random(in: 1...500, using: &random),
            productID: .random(in: 1...3, using: &random),
            quantity: 1,
            price: price,
            total: price,
            createdAt: "2026-01-02T03:04:05.678Z"
        )
        return FloodMessage(
            eventID: eventID,
            fate: .done,
            properties: MessageProperties(
                contentType: "application/json",
                deliveryMode: .persistent,
                messageID: eventID,
                type: OrderCreated.type
            ),
            body: order.json()
        )
    }

    /// Unusual, and right all the same.
    private mutating func strange(_ message: inout FloodMessage) {
        let id = message.eventID
        switch Int.random(in: 0..<9, using: &random) {
        case 0:
            message.properties.messageID = nil
            message.properties.headers["cloudEvents:id"] = .string(id)
        case 1:
            message.properties.type = nil
            message.properties.headers["cloudEvents_type"] = .string(OrderCreated.type)
        case 2: message.properties.headers["nested"] = Self.nested(depth: 200)
        case 3:
            message.properties.priority = .random(in: 0...255, using: &random)
            message.properties.expiration = "3600000"
        case 4:
            for index in 0..<500 { message.properties.headers["h\(index)"] = .double(-0.0) }
        case 5: message.properties.headers["raw"] = .rawString([0xFF, 0xFE, 0x00, 0x0A])
        case 6:
            message.properties.headers["retry-attempt"] = [
                .string("many"), .int64(-5), .int64(.max), .bool(true),
            ]
            .randomElement(using: &random)
            message.properties.headers["traceparent"] = .string("\u{1B}[2J\n")
        case 7:
            message.properties.headers["cloudEvents_subject"] = .string(String(repeating: "s", count: 3_000))
            message.properties.headers["x-death"] = .array([.table(["time": .timestamp(.max)])])
        default:
            // Nearly a whole frame of headers.
            let isHuge = Int.random(in: 0..<8, using: &random) == 0
            message.properties.headers["big"] = .string(
                String(repeating: "b", count: isHuge ? 125_000 : 5_000)
            )
        }
        good.append(message)
    }

    private mutating func breakBody(_ message: inout FloodMessage) {
        let text = String(decoding: message.body, as: UTF8.self)
        func with(_ field: String, _ value: String) -> [UInt8] {
            let end = text.firstRange(of: "\"\(field)\":").map { $0.upperBound } ?? text.endIndex
            let rest = text[end...].drop { $0 != "," && $0 != "}" }
            return Array("\(text[..<end])\(value)\(rest)".utf8)
        }
        let bodies: [[UInt8]] = [
            [], Array("null".utf8), Array("[]".utf8), Array("{}".utf8), Array("\"order\"".utf8),
            message.body.dropLast(),
            [0xFF, 0xFE] + message.body, message.body + [0],
            Array(text.utf16).flatMap { [UInt8($0 & 0xFF), 0] },
            Array(String(repeating: "[", count: 20_000).utf8), Array("{\"a\":".utf8),
            (0..<64).map { UInt8($0) },
            with("quantity", "1e400"), with("quantity", "0.99999999999999999999"), with("quantity", "null"),
            with("quantity", "9223372036854775808"), with("quantity", "-9223372036854775809"),
            with("quantity", "\"1\""), with("quantity", "9223372036854775807.5"), with("user_id", "1.5"),
            with("total", "0.001"), with("total", "1e400"), with("total", "92233720368547758.08"),
            with("total", "1.000000000000000000000000000000000000001"), with("price", "true"),
            with("price", "-1e999999999999"), with("currency", "7"), with("id", "7"),
            with("product_id", "99999999999999999999"), with("created_at", "{}"),
        ]
        message.body = bodies.randomElement(using: &random) ?? []
        // One in twelve does not fit into a frame with its story: the broker itself must bury it.
        if Int.random(in: 0..<12, using: &random) == 0 {
            message.properties.headers["big"] = .string(String(repeating: "b", count: 130_600))
        }
        message.fate = .dead
    }

    private mutating func breakProperties(_ message: inout FloodMessage) {
        message.fate = .dead
        let id = message.eventID
        switch Int.random(in: 0..<10, using: &random) {
        case 0: message.properties.messageID = nil
        case 1: message.properties.messageID = ""
        // Must not pass for an event that was, or will be, handled.
        case 2: message.properties.messageID = (good.randomElement(using: &random)?.eventID ?? id) + "\u{0}x"
        case 3: message.properties.messageID = "\u{FFFD}" + id
        case 4:
            message.properties.messageID = nil
            message.properties.headers["cloudEvents_id"] = [
                .int64(7), .rawString([0xC3, 0x28]), .table([:]), .void,
            ]
            .randomElement(using: &random)
        case 5:
            message.properties.messageID = nil
            message.properties.headers["cloudEvents_id"] = .string(String(repeating: "i", count: 60_000))
        case 6: message.properties.type = nil
        case 7: message.properties.type = "order.created\n\u{1B}[31m"
        default:
            message.properties.headers["event-version"] = [
                .int64(0), .int64(-1), .int64(.max), .string("two"), .bool(true), .uint64(.max),
                .int64(999_999),
                .double(1), .string("\u{661}"), .array([]),
            ]
            .randomElement(using: &random)
        }
    }

    private mutating func ignore(_ message: inout FloodMessage) {
        message.fate = .ignored
        message.properties.type = [
            "order.Created", "order.created ", "\u{6F}rder.cre\u{E5}ted", "x", "*", "#",
        ]
        .randomElement(using: &random)
        if Bool.random(using: &random) { message.body = [0, 1, 2] }
    }

    private mutating func mutate(_ message: inout FloodMessage) {
        message.fate = .either
        guard Bool.random(using: &random) else {
            // What one service may take for an order, another may not.
            let text = String(decoding: message.body, as: UTF8.self)
            let extremes = [
                "9223372036854775807", "-9223372036854775808", "0", "-0", "9007199254740993", "1e18",
            ]
            for field in ["user_id", "product_id", "quantity"] where Bool.random(using: &random) {
                let value = extremes.randomElement(using: &random) ?? "0"
                message.body = Array(
                    text.replacing("\"\(field)\":", with: "\"\(field)\":\(value),\"x\":").utf8
                )
            }
            return
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) where !message.body.isEmpty {
            let place = Int.random(in: 0..<message.body.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: message.body[place] = .random(in: 0...255, using: &random)
            case 1: message.body.remove(at: place)
            default: message.body.insert(.random(in: 0x20...0x7E, using: &random), at: place)
            }
        }
    }

    private static func nested(depth: Int) -> FieldValue {
        (0..<depth)
            .reduce(.void) { value, level in level.isMultiple(of: 2) ? .array([value]) : .table(["t": value])
            }
    }
}

/// SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
