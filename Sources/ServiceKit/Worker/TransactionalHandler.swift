internal import CrashPoints
public import Database
public import WorkQueue

/// Applies one type of event in one database transaction, together with a note that it was applied.
///
/// The body's writes and the event's id are on disk together or not at all, so that an event which comes again, after a
/// crash, from another instance or from a replay, is `done` without the body running. What the body decides becomes of
/// its writes too:
///
/// | verdict | its writes | the event |
/// | --- | --- | --- |
/// | `done`, `done("…")`, `rejected("…")` | kept | never applied again |
/// | `retry`, `postpone`, `release`, `deadLetter` | undone | applied when it comes again |
/// | an error | undone | as ``Verdict/after(_:)`` says: tried again, or a dead letter where the schema refuses the data |
/// | the database is at fault | undone | waits, as ``StorageGuard`` says, with its attempts untouched |
///
/// ```swift
/// TransactionalHandler(database) { (order: OrderCreated, transaction, _) in
///     try transaction.execute("UPDATE …", [.integer(order.userID)])
///     return .done
/// }
/// ```
public struct TransactionalHandler<Event: EventPayload>: EventHandler {
    /// Decides about one event and writes its effect.
    ///
    /// Runs on the database's own thread, beside nothing else that writes: it must not wait for anything. Runs again where
    /// another event of the same commit was undone: it must do nothing beside the transaction.
    public typealias Body = @Sendable (Event, Transaction, DeliveryContext) throws -> Verdict

    private let database: Database
    private let service: String
    private let storage: StorageGuard?
    private let body: Body

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - database: The service's own, opened by ``WorkerProgram`` or with ``EventReceipts/migration``.
    ///   - service: Whose receipts these are; needed only where several services share one database server.
    ///   - storage: ``WorkerContext/storage``; without it an event that finds the database at fault passes through a
    ///     retry tier instead of waiting.
    ///   - body: Decides and writes, and does nothing else; may run again after its writes were undone.
    public init(
        _ database: Database,
        service: String = "",
        storage: StorageGuard? = nil,
        body: @escaping Body
    ) {
        self.database = database
        self.service = service
        self.storage = storage
        self.body = body
    }

    /// Applies the event unless it was applied before.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - context: Its id, and what else travelled with it.
    /// - Returns: The body's verdict; `done` for an event that was applied before.
    public func handle(_ event: Event, in context: DeliveryContext) async -> Verdict {
        guard let storage else {
            do {
                return try await apply(event, context)
            } catch {
                return .after(error)
            }
        }
        return await storage.run { try await apply(event, context) }
    }

    private func apply(_ event: Event, _ context: DeliveryContext) async throws -> Verdict {
        do {
            let verdict = try await database.write { [service, body] transaction in
                guard try EventReceipts.add(context.eventID, of: service, in: transaction) else {
                    return Verdict.done
                }
                let verdict = try body(event, transaction, context)
                guard verdict.keepsEffect else { throw Undone(verdict: verdict) }
                return verdict
            }
            CrashPoint.reached(.effectCommitted)
            return verdict
        } catch let undone as Undone {
            return undone.verdict
        }
    }
}

/// Which events a service has applied; in the service's own database, beside the effects.
public enum EventReceipts {
    /// Makes the table; part of every ``WorkerProgram``'s schema.
    public static let migration = Migration(
        "event-receipts-1",
        sql: """
            CREATE TABLE event_receipts (
                service TEXT NOT NULL,
                event_id TEXT NOT NULL,
                PRIMARY KEY (service, event_id)
            ) WITHOUT ROWID
            """
    )

    /// Notes an event; false where it is noted already.
    static func add(
        _ eventID: String,
        of service: String,
        in transaction: Transaction
    ) throws(DatabaseError) -> Bool {
        let added = try transaction.execute(
            "INSERT INTO event_receipts (service, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [.text(service), .text(eventID)]
        )
        return added == 1
    }
}

/// Carries a verdict out of a transaction that must not be committed.
private struct Undone: Error {
    let verdict: Verdict
}

extension Verdict {
    /// Whether what was written on the way to it stays.
    fileprivate var keepsEffect: Bool {
        switch self {
        case .done, .concluded: true
        case .retry, .postpone, .release, .deadLetter: false
        }
    }
}
