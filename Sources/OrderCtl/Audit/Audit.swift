import OrderEvents

/// Compares what clients were told, what the order service keeps, and what every service did.
///
/// Reads orders in pages and looks up each page's effects by their keys, so that memory does not grow with the number of
/// orders: 16 bytes for each one of the client's record and of the mails, and what is not as it should be.
struct Audit {
    /// An order without its effect, and the event to look for.
    struct Unsettled: Sendable {
        var order: AuditedOrder
        var event: String
        /// Whether it is the event by which inventory told of its refusal.
        var isRefusal: Bool

        /// The row of the report that it counts in.
        func row(at service: String) -> String { isRefusal ? "refusal mails" : service }
    }

    let stores: AuditStores
    let scope: AuditScope
    let look: () async throws -> BrokerContents
    var report: AuditReport
    var contents = BrokerContents()
    /// By service.
    var unsettled: [String: [Unsettled]] = [:]
    /// Receipts found for orders, by service.
    var matched: [String: Int] = [:]
    var recount: AnalyticsRecount

    private let progress: (Int) -> Void

    static let pageSize = 1_000

    /// Prepares an audit.
    ///
    /// - Parameters:
    ///   - stores: Open; not closed here.
    ///   - scope: What to compare.
    ///   - look: Reads what waits at the broker; called again while orders are under way.
    ///   - progress: Told how many orders were read.
    init(
        of stores: AuditStores,
        _ scope: AuditScope,
        look: @escaping () async throws -> BrokerContents,
        progress: @escaping (Int) -> Void = { _ in }
    ) {
        self.stores = stores
        self.scope = scope
        self.look = look
        self.progress = progress
        report = AuditReport(
            services: (scope.record == nil ? [] : ["client"]) + ["order-service"] + AuditStores.services
        )
        recount = AnalyticsRecount(stores.totals)
    }

    /// Audits, once.
    ///
    /// - Returns: What was found.
    /// - Throws: Where a store or the broker does not answer.
    mutating func run() async throws -> AuditReport {
        // In the direction in which events flow, so that none passes unseen between two looks but one that is retried,
        // and that one is looked for again.
        contents = try await look()
        var join = scope.record.map { RecordJoin($0) }
        var after = ""
        var count = 0
        while true {
            let page = try await stores.orders.page(after: after, before: scope.end, limit: Self.pageSize)
            guard let last = page.last else { break }
            for id in page.compactMap({ UUIDv7($0.id) }) { join?.take(id) }
            notePublished(page)
            try await compare(page)
            after = last.id
            count += page.count
            progress(count)
        }
        join?.finish()
        if let join { note(join) }
        try await settle()
        try await compareStock()
        try await compareTotals()
        try await findStrays()
        return report
    }

    private mutating func notePublished(_ page: [AuditedOrder]) {
        for order in page {
            let standing: Standing
            if !order.isLogged {
                standing = .missing("its event is not in the log, and too young to have been pruned")
            } else {
                standing = order.isPending ? .waiting("not yet published") : .done
            }
            report.note(standing, of: order.id, at: "order-service")
        }
    }

    private mutating func note(_ join: RecordJoin) {
        report["client"].accepted = join.matched + join.missing.count
        report["client"].done = join.matched
        for id in join.missing {
            let detail = "accepted, as the client says, and not in the store"
            report.add(
                AuditFinding(kind: .missing, service: "client", order: id.description, detail: detail)
            )
        }
        guard scope.isRecordComplete else { return }
        for id in join.unrecorded {
            let detail = "in the store, and no client was told of it: accepted twice, or by somebody else"
            report.add(
                AuditFinding(kind: .double, service: "order-service", order: id.description, detail: detail)
            )
        }
    }

    private mutating func compare(_ page: [AuditedOrder]) async throws {
        var refused: [AuditedOrder] = []
        for table in stores.receipts {
            let effects = try await compare(
                page.map { Unsettled(order: $0, event: $0.eventID, isRefusal: false) },
                with: table
            )
            if table.service == "inventory" { refused = page.filter { effects[$0.eventID] == .refused } }
            if table.service == "analytics" {
                try await recount.take(page.filter { effects[$0.eventID] == .done })
            }
        }
        guard !refused.isEmpty else { return }
        let refusals = refused.map { order in
            let event = UUIDv7(derivedFrom: order.eventID, for: InventoryRejected.type).description
            return Unsettled(order: order, event: event, isRefusal: true)
        }
        _ = try await compare(refusals, with: stores.receipts[1])
    }

    private mutating func compare(
        _ events: [Unsettled],
        with table: ReceiptTable
    ) async throws -> [String: Effect] {
        let effects = try await table.effects(events.map { ($0.event, $0.order) })
        matched[table.service, default: 0] += effects.keys.count { $0 < scope.receiptsEnd }
        for event in events { note(effects[event.event] ?? .none, event, at: table.service) }
        return effects
    }

    /// Notes what a service did with an event; what it did not do yet is looked for later.
    mutating func note(_ effect: Effect, _ event: Unsettled, at service: String) {
        let row = event.row(at: service)
        switch effect {
        case .done:
            report.note(.done, of: event.order.id, at: row)
            if service == "notification" { countMails(event, row) }
        case .refused: report.note(.refused, of: event.order.id, at: row)
        case .differs(let what): report.note(.missing(what), of: event.order.id, at: row)
        case .none, .claimed: unsettled[service, default: []].append(event)
        }
    }

    private mutating func countMails(_ event: Unsettled, _ row: String) {
        guard let mails = scope.mails else { return }
        let count = mails.count(event.event)
        guard count != 1 else { return }
        let finding = AuditFinding(
            kind: count == 0 ? .missing : .repeated,
            service: row,
            order: event.order.id,
            detail: count == 0
                ? "noted as sent, and there is no mail of event \(event.event)"
                : "\(count) mails under one Message-ID, of event \(event.event)"
        )
        report.add(finding)
    }
}
