import OrderEvents

/// What sums tell that receipts hide.
extension Audit {
    /// Stock: all that came in, less what is there, is what receipts say was sold.
    mutating func compareStock() async throws {
        guard let balances = try await stores.stock.balances() else {
            report.remarks.append("the stock: this inventory is older than its record of deliveries")
            return
        }
        for balance in balances where balance.excess != 0 {
            let jump = try await stores.stock.jump(of: balance.product)
            if let finding = balance.finding(jump) { report.add(finding) }
        }
    }

    /// Analytics: every minute is that of its orders, and all totals agree.
    mutating func compareTotals() async throws {
        try await recount.finish()
        for minute in recount.suspects {
            guard let findings = try await recounted(minute) else {
                report.remarks.append("analytics, minute \(minute): orders are being counted; audit again")
                continue
            }
            for finding in findings { report.add(finding) }
        }
        for finding in try await stores.totals.contradictions() { report.add(finding) }
    }

    /// Counts one minute's orders again.
    ///
    /// - Returns: Nil where its receipts changed with each look.
    private func recounted(_ minute: Int64) async throws -> [AuditFinding]? {
        for _ in 0..<5 {
            let before = try await counted(minute)
            let totals = try await stores.totals.minutes(minute...minute)
            // Receipt and total are one transaction: with the same receipts before and after, the totals are theirs.
            guard try await counted(minute).map(\.effect) == before.map(\.effect) else { continue }
            var recount = MinuteRecount(minute: minute)
            for (order, effect) in before { recount.take(order, hasReceipt: effect == .done) }
            return recount.findings(totals[minute] ?? [:])
        }
        return nil
    }

    /// The orders of a minute, and which of them have a receipt.
    private func counted(_ minute: Int64) async throws -> [(order: AuditedOrder, effect: Effect)] {
        let analytics = stores.receipts[2]
        let end = AuditScope.floor((minute + 1) * 60_000)
        var after = AuditScope.floor(minute * 60_000)
        var counted: [(order: AuditedOrder, effect: Effect)] = []
        while true {
            let page = try await stores.orders.page(after: after, before: end, limit: Self.pageSize)
            guard let last = page.last else { return counted }
            let effects = try await analytics.effects(page.map { ($0.eventID, $0) })
            counted += page.map { ($0, effects[$0.eventID] ?? .none) }
            after = last.id
        }
    }

    /// Receipts for events of no order: effects that nobody ordered.
    mutating func findStrays() async throws {
        var known: [UUIDv7]?
        for table in stores.receipts {
            // Every order's own receipts are counted already; only where there are more is it worth looking.
            guard try await table.count(before: scope.receiptsEnd) > matched[table.service, default: 0] else {
                continue
            }
            let events = if let known { known } else { try await stores.orders.eventIDs() }
            known = events
            try await findStrays(in: table, beside: events)
        }
    }

    private mutating func findStrays(in table: ReceiptTable, beside known: [UUIDv7]) async throws {
        // Of every order, since a refusal may be younger than the look at its order.
        let refusals = table.service == "notification" ? Self.refusals(of: known) : []
        var after = ""
        while true {
            let page = try await table.events(after: after, before: scope.receiptsEnd, limit: Self.pageSize)
            guard let last = page.last else { return }
            for event in page {
                let id = UUIDv7(event)
                if let id, known.holds(id) || refusals.holds(id) { continue }
                let detail = "an effect of event \(event), which tells of no order that was accepted"
                report.add(AuditFinding(kind: .double, service: table.service, order: nil, detail: detail))
            }
            after = last
        }
    }

    private static func refusals(of events: [UUIDv7]) -> [UUIDv7] {
        events.map { UUIDv7(derivedFrom: $0.description, for: InventoryRejected.type) }.sorted()
    }
}
