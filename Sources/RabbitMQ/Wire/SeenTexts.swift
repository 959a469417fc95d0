internal import CRabbitMQ
internal import Glibc

/// Texts that come again with every message, each at its place: exchange, content type, the names of the headers.
///
/// The messages of one queue are alike, so what stood at a place last is mostly what stands there now, and is shared
/// instead of made again. Lives with the decoder of one connection.
struct SeenTexts {
    static let exchange = 0
    static let routingKey = 1
    static let contentType = 2
    /// Names of headers that are kept; of more headers they are made anew.
    private static let longestTable = 48

    private var texts = ["", "", ""]
    private var names: [String] = []

    /// The bytes as text; those that are no UTF-8 are replaced.
    mutating func text(_ bytes: amqp_bytes_t, at place: Int) -> String {
        // Up to 15 bytes live in the value itself and cost nothing to make.
        guard unsafe bytes.len > 15 else { return unsafe WireValues.text(bytes) }
        if unsafe Self.isSame(texts[place], bytes) { return texts[place] }
        let text = unsafe WireValues.text(bytes)
        texts[place] = text
        return text
    }

    /// The names of a table, all of them shared with the one before where that had the same.
    mutating func names(of entries: UnsafeMutablePointer<amqp_table_entry_t>, count: Int) -> [String] {
        var alike = 0
        while alike < count, alike < names.count, unsafe Self.isSame(names[alike], entries[alike].key) {
            alike += 1
        }
        if alike == count, count == names.count { return names }
        // Mostly one more or one fewer at the end.
        var fresh = Array(names[..<alike])
        fresh.reserveCapacity(count)
        for index in alike..<count { unsafe fresh.append(WireValues.text(entries[index].key)) }
        if count <= Self.longestTable { names = fresh }
        return fresh
    }

    /// Whether a field is this text, one that is worth sharing.
    static func isSame(_ text: String, _ field: amqp_field_value_t) -> Bool {
        guard unsafe field.kind == UInt8(ascii: "S") && field.value.bytes.len > 15 else { return false }
        return unsafe isSame(text, field.value.bytes)
    }

    private static func isSame(_ text: String, _ bytes: amqp_bytes_t) -> Bool {
        guard unsafe text.utf8.count == bytes.len else { return false }
        return unsafe text.utf8.withContiguousStorageIfAvailable { seen in
            guard let first = seen.baseAddress else { return unsafe bytes.len == 0 }
            return unsafe memcmp(first, bytes.bytes, bytes.len) == 0
        } ?? false
    }
}
