import Database

/// Writes the events of orders that are older than the event log.
///
/// The body is the one that was published, byte for byte: the same fields in the same order, money as the shortest exact
/// decimal. A test compares it with ``OrderCreated``'s own.
///
/// One transaction, over the orders of the last 30 days only: the usual `event.retention` removes older events anyway, so
/// with a longer one the log begins 30 days before this migration. In the order of the orders' ids, which is nearly that
/// of the log, so that nothing is sorted in memory.
enum OrderBackfill {
    static let migration = Migration(
        "event-log-2-orders",
        sql: """
            INSERT INTO events (at_ms, id, type, version, source, subject, traceparent, body)
            SELECT accepted_ms, event_id, 'order.created', 1, '/order-service', id, traceparent,
                '{"id":"' || id || '","user_id":' || user_id || ',"product_id":' || product_id
                || ',"quantity":' || quantity || ',"price":' || \(money("price_minor"))
                || ',"total":' || \(money("total_minor")) || ',"currency":' || json_quote(currency)
                || ',"created_at":"' || strftime('%Y-%m-%dT%H:%M:%S', accepted_ms / 1000, 'unixepoch')
                || printf('.%03dZ"', accepted_ms % 1000)
                || CASE WHEN email IS NULL THEN '' ELSE ',"email":' || json_quote(email) END
                || CASE WHEN phone IS NULL THEN '' ELSE ',"phone":' || json_quote(phone) END || '}'
            FROM orders
            WHERE accepted_ms >= (CAST(strftime('%s', 'now') AS INTEGER) - \(days) * 86400) * 1000;
            """
    )

    private static let days = 30

    /// `999.99`, `10.5`, `10`; an order's amounts are positive.
    private static func money(_ column: String) -> String {
        """
        (CASE WHEN \(column) % 100 = 0 THEN printf('%d', \(column) / 100) \
        WHEN \(column) % 10 = 0 THEN printf('%d.%d', \(column) / 100, \(column) % 100 / 10) \
        ELSE printf('%d.%02d', \(column) / 100, \(column) % 100) END)
        """
    }
}
