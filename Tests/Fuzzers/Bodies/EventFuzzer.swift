import FoundationEssentials
import OrderEvents
import ServiceKit

@testable import OrderService
@testable import WorkQueue

/// The bodies of events, as whoever consumes them reads them.
enum EventFuzzer {
    static func run(_ bytes: [UInt8]) throws {
        try checkCompact(OrderCreated.self, bytes)
        try checkCompact(OutcomeBatch.self, bytes)
        if let order = read(OrderCreated.self, bytes) {
            let again = read(OrderCreated.self, order.json())
            try promise(again == order, "another order after the wire")
            try checkNumbers(of: order, in: bytes)
        }
        if let batch = read(OutcomeBatch.self, bytes) {
            try promise(read(OutcomeBatch.self, batch.json()) == batch, "other outcomes after the wire")
        }
        if let rejected = read(InventoryRejected.self, bytes) {
            let again = read(InventoryRejected.self, rejected.json())
            try promise(again == rejected, "another refusal after the wire")
        }
    }

    private static func read<Event: EventPayload>(_ type: Event.Type, _ bytes: [UInt8]) -> Event? {
        try? EventBody.decode(type, from: bytes)
    }

    /// What is read without the decoder is what the decoder reads.
    private static func checkCompact<Event: EventPayload & Equatable>(
        _ type: Event.Type,
        _ bytes: [UInt8]
    ) throws {
        guard let event = Event(compact: bytes) else { return }
        try EventBody.check(bytes)
        let decoded = try? JSONDecoder().decode(type, from: Data(bytes))
        try promise(decoded == event, "the decoder reads another \(Event.eventType)")
    }

    /// Numbers are those of the text, digit by digit.
    private static func checkNumbers(of order: OrderCreated, in bytes: [UInt8]) throws {
        guard let json = try? JSONMembers(bytes) else { return }
        let numbers = [
            ("user_id", 0, order.userID), ("product_id", 0, order.productID),
            ("quantity", 0, Int64(order.quantity)), ("price", 2, order.price.minorUnits),
            ("total", 2, order.total.minorUnits),
        ]
        for (name, decimals, read) in numbers {
            guard case .number(let text) = json.values(of: name).first else { continue }
            let exact = try? DecimalText.parse(text, decimals: decimals)
            try promise(exact == read, "\(name) \(text) was read as \(read)")
        }
    }
}
