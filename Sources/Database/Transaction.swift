/// One caller's part of a transaction, lent to a body for as long as it runs.
///
/// Placeholders are `$1`, `$2`, … wherever they stand and however often; statements are prepared once for each
/// connection. Runs on the database's own thread: do no waiting in a body.
public struct Transaction {
    private let session: any SQLSession
    private let actions: AfterCommit?

    init(on session: any SQLSession, collecting actions: AfterCommit? = nil) {
        self.session = session
        self.actions = actions
    }

    /// Has something done as soon as this body's effect is on disk, before its caller is answered.
    ///
    /// Actions of all bodies run in the order of the bodies, so they see commits in their true order. An action of
    /// a body that throws, or whose commit fails, never runs.
    ///
    /// - Parameter action: Runs on the writer's thread and holds every other write up: it should only hand a value
    ///   on. Ignored in a reading transaction.
    public func afterCommit(_ action: @escaping @Sendable () -> Void) {
        actions?.collected.append(action)
    }

    /// Runs one statement.
    ///
    /// - Parameters:
    ///   - sql: A single statement; the text should be constant, since its prepared form is cached.
    ///   - arguments: One for each numbered placeholder.
    /// - Returns: Rows inserted, updated or deleted; meaningless for other statements.
    /// - Throws: ``DatabaseError``; the statement did nothing.
    @discardableResult
    public func execute(_ sql: String, _ arguments: [SQLValue] = []) throws(DatabaseError) -> Int {
        try session.execute(sql, arguments)
    }

    /// Runs one statement and collects its whole answer.
    ///
    /// - Parameters:
    ///   - sql: A single statement, also one with `RETURNING`; should bound its own answer with `LIMIT`.
    ///   - arguments: One for each numbered placeholder.
    /// - Returns: Every row, in the statement's order.
    /// - Throws: ``DatabaseError``; the statement did nothing.
    public func query(_ sql: String, _ arguments: [SQLValue] = []) throws(DatabaseError) -> [Row] {
        try session.query(sql, arguments)
    }

    /// Runs one statement and returns the first row of its answer, or nothing when that is empty.
    public func queryOne(_ sql: String, _ arguments: [SQLValue] = []) throws(DatabaseError) -> Row? {
        try session.query(sql, arguments).first
    }
}

/// What a storage engine lends to a ``Transaction``: its connection, on the connection's own thread.
protocol SQLSession {
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int
    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [Row]
}

/// Actions waiting for the commit of one group, in order; lives on the writer's thread.
final class AfterCommit {
    var collected: [@Sendable () -> Void] = []
}
