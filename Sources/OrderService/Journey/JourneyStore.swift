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
    /// Told of new entries right after their commit, in the order of commits, on the writer's thread.
    let announce: @Sendable ([JourneyEntry]) -> Void

    init(_ database: Database, announce: @escaping @Sendable ([JourneyEntry]) -> Void = { _ in }) {
        self.database = database
        self.announce = announce
    }

    /// Keeps a batch in one transaction; keeping it twice changes nothing.
    func record(_ batch: OutcomeBatch) async throws -> Receipt {
        try await database.write { [announce] transaction in
            var receipt = Receipt()
            var entries: [JourneyEntry] = []
            for outcome in batch.outcomes {
                let id = outcome.subject.flatMap { UUIDv7($0) }?.description
                if let id,
                    let entry = try Self.insert(
                        JourneySchema.insertFirst,
                        outcome,
                        of: batch.service,
                        about: id,
                        in: transaction
                    )
                {
                    entries.append(entry)
                    continue
                }
                guard let id, try transaction.queryOne(JourneySchema.isOrder, [.text(id)]) != nil else {
                    receipt.foreign += 1
                    continue
                }
                if let entry = try Self.insert(outcome, of: batch.service, about: id, in: transaction) {
                    entries.append(entry)
                } else {
                    receipt.known += 1
                }
            }
            receipt.kept = entries.count
            if !entries.isEmpty {
                transaction.afterCommit { [entries] in announce(entries) }
            }
            return receipt
        }
    }

    private static func insert(
        _ outcome: Outcome,
        of service: String,
        about order: String,
        in transaction: Transaction
    ) throws -> JourneyEntry? {
        if let decision = try SettledOutcome(outcome, of: service, about: order, in: transaction) {
            return try decision.repeated(by: outcome, of: service, about: order, in: transaction)
        }
        return try insert(JourneySchema.insert, outcome, of: service, about: order, in: transaction)
    }

    private static func insert(
        _ statement: String,
        _ outcome: Outcome,
        of service: String,
        about order: String,
        in transaction: Transaction
    ) throws -> JourneyEntry? {
        let values: [SQLValue] = [
            .text(order), .text(service), .text(outcome.eventID), .integer(Int64(outcome.attempt)),
            .text(outcome.state.rawValue), .text(outcome.eventType), .integer(outcome.at),
            .integer(ifPresent: outcome.nextAt), .text(ifPresent: outcome.detail),
        ]
        guard let row = try transaction.queryOne(statement, values) else { return nil }
        return JourneyEntry(
            orderID: order,
            number: try row.integer("number"),
            service: service,
            eventID: outcome.eventID,
            eventType: outcome.eventType,
            state: outcome.state,
            attempt: outcome.attempt,
            at: Timestamp(milliseconds: outcome.at),
            nextAt: outcome.nextAt.map { Timestamp(milliseconds: $0) },
            detail: outcome.detail
        )
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
