internal import CRabbitMQ
internal import Glibc

/// Texts that come again with every message, each at its place: exchange, content type, names of headers.
///
/// The messages of one queue are alike, so what stood at a place last is mostly what stands there now, and is shared
/// instead of made again. Lives with the decoder of one connection.
struct SeenTexts {
    /// Places that are looked after; beyond them each text is made anew.
    private static let limit = 48
    static let exchange = 0
    static let routingKey = 1
    static let contentType = 2
    /// The place of the first header's name; the others follow.
    static let firstHeader = 3

    private var texts: [String] = []

    /// The bytes as text; those that are no UTF-8 are replaced.
    mutating func text(_ bytes: amqp_bytes_t, at place: Int) -> String {
        // Up to 15 bytes live in the value itself and cost nothing to make.
        guard unsafe bytes.len > 15, place < Self.limit else { return unsafe WireValues.text(bytes) }
        if unsafe place < texts.count && Self.isSame(texts[place], bytes) { return texts[place] }
        let text = unsafe WireValues.text(bytes)
        while texts.count <= place { texts.append("") }
        texts[place] = text
        return text
    }

    private static func isSame(_ text: String, _ bytes: amqp_bytes_t) -> Bool {
        guard unsafe text.utf8.count == bytes.len else { return false }
        return unsafe text.utf8.withContiguousStorageIfAvailable { seen in
            guard let first = seen.baseAddress else { return unsafe bytes.len == 0 }
            return unsafe memcmp(first, bytes.bytes, bytes.len) == 0
        } ?? false
    }
}
