import Database
import OrderEvents

/// The lease's row, and what those who share the outbox need to know of its table.
struct LeaseStore: Sendable {
    private let database: Database
    private let backlog: OutboxBacklog
    private let standing: WriteStanding

    /// Takes up the outbox of a store.
    init(_ database: Database, of store: OrderStore) {
        self.database = database
        backlog = store.backlog
        standing = store.standing
    }

    /// Meets the row: takes, renews or watches the lease, on disk on return.
    ///
    /// While the outbox is shared, it is counted anew: others add to it and take from it.
    ///
    /// - Parameters:
    ///   - machine: What is known so far.
    ///   - isShared: Whether there were others before.
    /// - Returns: What is known now; it counts only because the transaction succeeded.
    /// - Throws: `DatabaseError`; what was known before still holds. With `outcomeUnknown` the lease may be taken, which
    ///   the next look tells.
    func look(_ machine: LeaseMachine, isShared: Bool) async throws -> LeaseMachine {
        do {
            let looked = try await write(machine, isShared: isShared)
            standing.noteSmallWrite(nil)
            return looked
        } catch let error as DatabaseError {
            standing.noteSmallWrite(error)
            throw error
        }
    }

    private func write(_ machine: LeaseMachine, isShared: Bool) async throws -> LeaseMachine {
        let (asked, wall) = (ContinuousClock.now, Timestamp.now)
        return try await database.write { [backlog] transaction in
            var machine = machine
            let record = try Self.record(in: transaction)
            let next = machine.look(record, asked: asked, now: .now, wall: wall)
            try Self.write(next, in: transaction)
            if isShared || machine.hasPeers {
                let count = try transaction.queryOne(OrderSchema.backlog)?.integer("count") ?? 0
                transaction.afterCommit { backlog.recounted(Int(count)) }
            }
            return machine
        }
    }

    /// Gives the lease back if it is this process's.
    func release(_ machine: LeaseMachine) async throws {
        try await database.write { transaction in
            var machine = machine
            guard let next = machine.release(try Self.record(in: transaction)) else { return }
            try Self.write(next, in: transaction)
        }
    }

    private static func record(in transaction: Transaction) throws -> LeaseMachine.Record {
        guard let row = try transaction.queryOne(LeaseSchema.read) else {
            return LeaseMachine.Record(owner: nil, beat: 0, until: Timestamp(milliseconds: 0), claims: 0)
        }
        return LeaseMachine.Record(
            owner: try row.textIfPresent("owner"),
            beat: try row.integer("beat"),
            until: Timestamp(milliseconds: try row.integer("until_ms")),
            claims: try row.integer("claims")
        )
    }

    private static func write(_ record: LeaseMachine.Record, in transaction: Transaction) throws {
        try transaction.execute(
            LeaseSchema.write,
            [
                .text(ifPresent: record.owner), .integer(record.beat), .integer(record.until.milliseconds),
                .integer(record.claims),
            ]
        )
    }
}

/// The lease's table: one row, made by the first who looks.
enum LeaseSchema {
    static let migrations = [
        Migration(
            "outbox-lease-1",
            sql: """
                CREATE TABLE outbox_lease (
                    id INTEGER PRIMARY KEY CHECK (id = 1),
                    owner TEXT,
                    beat BIGINT NOT NULL,
                    until_ms BIGINT NOT NULL,
                    claims BIGINT NOT NULL
                );
                """
        )
    ]

    static let read = "SELECT owner, beat, until_ms, claims FROM outbox_lease WHERE id = 1"
    static let write = """
        INSERT INTO outbox_lease (id, owner, beat, until_ms, claims) VALUES (1, $1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET
            owner = excluded.owner, beat = excluded.beat, until_ms = excluded.until_ms, claims = excluded.claims
        """
}
