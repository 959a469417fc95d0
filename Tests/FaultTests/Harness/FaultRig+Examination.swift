import Database

/// What the databases and queues say once everything has come to rest.
struct Findings: Sendable {
    var orders = 0
    /// Each is a lost, a doubled or a stranded effect.
    var problems: [String] = []
}

extension FaultRig {
    private struct Order: Sendable {
        var eventID: String
        var product: Int64
        var quantity: Int64
        var revenue: Int64
    }

    /// Compares every store with the orders that clients were told of.
    ///
    /// - Parameters:
    ///   - accepted: The ids of all `201` answers.
    ///   - doomed: Ids of orders that belong into the dead letters of inventory.
    /// - Returns: What is lost, doubled or stranded.
    /// - Throws: Where a store or the broker does not answer.
    func examine(accepted: Set<String>, doomed: Set<String> = []) async throws -> Findings {
        let orders = Dictionary(
            uniqueKeysWithValues: try await rows(
                of: "order-service",
                "SELECT id, event_id, product_id, quantity, total_minor FROM orders"
            ) { row in
                (
                    try row.text("id"),
                    Order(
                        eventID: try row.text("event_id"),
                        product: try row.integer("product_id"),
                        quantity: try row.integer("quantity"),
                        revenue: try row.integer("total_minor")
                    )
                )
            }
        )
        var findings = Findings(orders: orders.count)
        let known = Set(orders.keys)
        for id in accepted.union(doomed).subtracting(known) {
            findings.problems.append("accepted, not kept: \(id)")
        }
        for id in known.subtracting(accepted).subtracting(doomed) {
            findings.problems.append("kept twice or unasked: \(id)")
        }
        let sold = orders.filter { !doomed.contains($0.key) }.values
        let counted = try await rows(of: "analytics", "SELECT event_id FROM counted_events") {
            try $0.text("event_id")
        }
        let handled = try await rows(of: "inventory", "SELECT event_id FROM handled_events") {
            try $0.text("event_id")
        }
        let sent = try await rows(
            of: "notification",
            "SELECT event_id FROM notifications WHERE state = 'sent'"
        ) {
            try $0.text("event_id")
        }
        let events = Set(orders.values.map(\.eventID))
        findings.compare("analytics", counted, with: events)
        findings.compare("inventory", handled, with: Set(sold.map(\.eventID)))
        findings.compare("notification", sent, with: events)
        try await compareStock(sold, &findings)
        try await compareTotals(Array(orders.values), &findings)
        for service in Self.services {
            let dead = Set(try await deadLetters(of: service))
            let expected = service == "inventory" ? Set(doomed.compactMap { orders[$0]?.eventID }) : []
            if dead != expected { findings.problems.append("\(service).dead holds \(dead), not \(expected)") }
        }
        return findings
    }

    /// Receipts cannot hide a second effect here: the stock itself is counted.
    private func compareStock(_ sold: some Sequence<Order>, _ findings: inout Findings) async throws {
        let sums = sold.reduce(into: [Int64: Int64]()) { $0[$1.product, default: 0] += $1.quantity }
        let stock = try await rows(of: "inventory", "SELECT product_id, stock FROM stock") {
            (try $0.integer("product_id"), try $0.integer("stock"))
        }
        for (product, left) in stock {
            let expected = Int64(Self.initialStock) - sums[product, default: 0]
            if left != expected {
                findings.problems.append("stock of \(product) is \(left), not \(expected)")
            }
        }
    }

    private func compareTotals(_ orders: [Order], _ findings: inout Findings) async throws {
        let expected = [
            Int64(orders.count), orders.reduce(0) { $0 + $1.quantity }, orders.reduce(0) { $0 + $1.revenue },
        ]
        for table in ["product_totals", "minute_totals"] {
            let totals = try await rows(
                of: "analytics",
                """
                SELECT coalesce(sum(orders), 0) AS o, coalesce(sum(units), 0) AS u,
                    coalesce(sum(revenue), 0) AS r FROM \(table)
                """
            ) { [try $0.integer("o"), try $0.integer("u"), try $0.integer("r")] }
            if totals != [expected] {
                findings.problems.append("\(table): orders, units, revenue \(totals), not \(expected)")
            }
        }
    }
}

extension Findings {
    fileprivate mutating func compare(_ service: String, _ found: [String], with expected: Set<String>) {
        let lost = expected.subtracting(found)
        let unknown = Set(found).subtracting(expected)
        if !lost.isEmpty { problems.append("\(service) lost \(lost.count): \(lost.sorted().prefix(5))") }
        if !unknown.isEmpty { problems.append("\(service) has unknown \(unknown.sorted().prefix(5))") }
    }
}
