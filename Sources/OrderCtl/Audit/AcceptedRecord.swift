import FoundationEssentials
import OrderEvents

/// The orders that a client was told were accepted.
///
/// Pure. 16 bytes an order, sorted, each once: the same order is told again when it is sent again under its key.
struct AcceptedRecord: Equatable, Sendable {
    let orders: [UUIDv7]

    /// A line that names no order.
    struct Unreadable: Error, Equatable {
        /// From 1.
        let line: Int
    }

    /// Reads one id a line, or JSON lines: an order with its `id`, or what `orderctl submit --json` prints.
    init(_ text: some StringProtocol) throws(Unreadable) {
        var found: [UUIDv7] = []
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let blank = line.allSatisfy(\.isWhitespace)
            if blank { continue }
            guard let ids = Self.ids(in: String(line)) else { throw Unreadable(line: number) }
            found += ids
        }
        orders = Self.sortedOnce(found)
    }

    init(_ ids: [UUIDv7]) {
        orders = Self.sortedOnce(ids)
    }

    private static func sortedOnce(_ ids: [UUIDv7]) -> [UUIDv7] {
        var sorted: [UUIDv7] = []
        sorted.reserveCapacity(ids.count)
        for id in ids.sorted() where sorted.last != id { sorted.append(id) }
        return sorted
    }

    private static func ids(in line: String) -> [UUIDv7]? {
        guard line.first == "{" else { return UUIDv7(line).map { [$0] } }
        guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)) else { return nil }
        let texts = entry.orders.map { $0.map(\.id) } ?? [entry.order?.id ?? entry.id].compactMap { $0 }
        let ids = texts.compactMap { UUIDv7($0) }
        return ids.count == texts.count && (!ids.isEmpty || entry.orders != nil) ? ids : nil
    }

    private struct Entry: Decodable {
        struct Order: Decodable { var id: String }
        var id: String?
        var order: Order?
        var orders: [Order]?
    }
}
