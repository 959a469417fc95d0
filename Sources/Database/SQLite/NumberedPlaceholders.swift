import Synchronization

/// Turns the placeholders `$1`, `$2`, … into SQLite's `?1`, `?2`, ….
///
/// SQLite reads `$1` as a *name* and numbers names by first appearance, so `$2` before `$1` would silently swap
/// the arguments; only `?NNN` is a number. https://www.sqlite.org/lang_expr.html#varparam
enum NumberedPlaceholders {
    /// Programs use a few dozen constant statements; the bound is for a mistake, not for use.
    private static let capacity = 1_024
    private static let translations = Mutex<[String: String]>([:])

    static func translate(_ sql: String) -> String {
        if let known = translations.withLock({ $0[sql] }) { return known }
        let translated = rewrite(sql)
        translations.withLock { translations in
            if translations.count < capacity { translations[sql] = translated }
        }
        return translated
    }

    private static func rewrite(_ sql: String) -> String {
        var bytes = Array(sql.utf8)
        var quote: UInt8?
        for index in bytes.indices {
            let byte = bytes[index]
            if let open = quote {
                // A doubled quote closes and opens again, which comes to the same.
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: "$"), index + 1 < bytes.count,
                (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[index + 1])
            {
                bytes[index] = UInt8(ascii: "?")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
