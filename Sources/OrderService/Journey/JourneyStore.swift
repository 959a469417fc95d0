import Database
import OrderEvents
import WorkQueue

/// Keeps what the services made of each order's events.
struct JourneyStore: Sendable {
    /// What became of a batch's outcomes.
    struct Receipt: Hashable, Sendable {
        /// New, or newer than what was known.
        var kept = 0
        /// Known already.
        var known = 0
        /// About no order of ours.
        var foreign = 0
    }

    /// Most entries of one order that are ever read at once: far more than services and attempts make.
    static let readLimit = 1_000

    let database: Database
    /// Told of the orders that have new entries, right after each commit, on the writer's thread.
    let announce: @Sendable (Set<String>) -> Void

    init(_ database: Database, announce: @escaping @Sendable (Set<String>) -> Void = { _ in }) {
        self.database = database
        self.announce = announce
    }

    /// Keeps a batch in one transaction; keeping it twice changes nothing.
    func record(_ batch: OutcomeBatch) async throws -> Receipt {
        try await database.write { [announce] transaction in
            var receipt = Receipt()
            var orders: Set<String> = []
            for outcome in batch.outcomes {
                guard let id = outcome.subject.flatMap({ UUIDv7($0) })?.description else {
                    receipt.foreign += 1
                    continue
                }
                if try Self.insert(
                    JourneySchema.insertFirst,
                    outcome,
                    of: batch.service,
                    about: id,
                    in: transaction
                ) {
                    receipt.kept += 1
                    orders.insert(id)
                } else if try transaction.queryOne(JourneySchema.isOrder, [.text(id)]) == nil {
                    receipt.foreign += 1
                } else if try Self.keep(outcome, of: batch.service, about: id, in: transaction) {
                    receipt.kept += 1
                    orders.insert(id)
                } else {
                    receipt.known += 1
                }
            }
            if !orders.isEmpty {
                transaction.afterCommit { [orders] in announce(orders) }
            }
            return receipt
        }
    }

    /// Keeps an outcome that is not the first of its event; false where it is no news.
    private static func keep(
        _ outcome: Outcome,
        of service: String,
        about order: String,
        in transaction: Transaction
    ) throws -> Bool {
        if let decision = try SettledOutcome(outcome, of: service, about: order, in: transaction) {
            return try decision.renew(after: outcome, of: service, about: order, in: transaction)
        }
        return try insert(JourneySchema.insert, outcome, of: service, about: order, in: transaction)
    }

    private static func insert(
        _ statement: String,
        _ outcome: Outcome,
        of service: String,
        about order: String,
        in transaction: Transaction
    ) throws -> Bool {
        let values: [SQLValue] = [
            .text(order), .text(service), .text(outcome.eventID), .integer(Int64(outcome.attempt)),
            .text(outcome.state.rawValue), .text(outcome.eventType), .integer(outcome.at),
            .integer(ifPresent: outcome.nextAt), .text(ifPresent: outcome.detail),
        ]
        return try transaction.execute(statement, values) > 0
    }

    /// An order's entries in the order in which they became known.
    /// - Parameters:
    ///   - order: The order's id.
    ///   - number: Only those with a higher number.
    /// - Returns: At most ``readLimit``, perhaps none.
    /// - Throws: `DatabaseError`.
    func entries(of order: String, after number: Int64 = 0) async throws -> [JourneyEntry] {
        try await database.read { transaction in
            let values: [SQLValue] = [.text(order), .integer(number), .integer(Int64(Self.readLimit))]
            return try transaction.query(JourneySchema.ofOrder, values)
                .compactMap { try JourneyEntry(row: $0) }
        }
    }

    /// Removes entries of orders that were placed before a moment, oldest orders first.
    /// - Parameters:
    ///   - moment: Orders of this moment keep theirs.
    ///   - limit: Most entries removed in this one transaction.
    /// - Returns: How many were removed; fewer than the limit where no older one is left.
    /// - Throws: `DatabaseError`.
    func prune(before moment: Timestamp, limit: Int) async throws -> Int {
        let first = UUIDv7(high: UInt64(moment.milliseconds) << 16 | 0x7000, low: 0b10 << 62).description
        return try await database.write { transaction in
            try transaction.execute(JourneySchema.prune, [.text(first), .integer(Int64(limit))])
        }
    }
}
