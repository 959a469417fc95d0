/// Recounts analytics' minutes beside its totals, in the order in which orders came, and keeps those that differ.
///
/// They are no findings yet: while orders are under way, one may be counted between two looks.
struct AnalyticsRecount {
    private let ledger: TotalsLedger
    private var current: MinuteRecount?
    /// Every minute up to here is compared.
    private var compared: Int64 = -1
    /// Minutes whose totals are not those of their orders.
    private(set) var suspects: [Int64] = []

    init(_ ledger: TotalsLedger) {
        self.ledger = ledger
    }

    /// Takes orders that have a receipt, in the order of their ids, which is that of their minutes.
    mutating func take(_ orders: [AuditedOrder]) async throws {
        for order in orders {
            if let current, order.minute > current.minute { try await close(current) }
            if current == nil { current = MinuteRecount(minute: order.minute) }
            current?.take(order)
        }
    }

    /// The orders are over; what was counted for later minutes is suspect too.
    mutating func finish() async throws {
        if let current { try await close(current) }
        suspects += try await ledger.minutes(compared + 1...Int64.max - 1).keys.sorted()
    }

    /// Compares a minute, and those before it that have no order.
    private mutating func close(_ minute: MinuteRecount) async throws {
        let counted = try await ledger.minutes(compared + 1...minute.minute)
        suspects += counted.keys.filter { $0 != minute.minute }.sorted()
        if !minute.findings(counted[minute.minute] ?? [:]).isEmpty { suspects.append(minute.minute) }
        compared = minute.minute
        current = nil
    }
}
