/// One step of a schema's history.
///
/// Steps run in the order given, each once in the life of a database. Never edit a released one: add another.
public struct Migration: Sendable {
    /// Unique among the steps of every service that shares the database: `orders-1`.
    public let name: String
    /// One or more statements, separated by semicolons, without arguments.
    public let sql: String

    /// Describes a step; nothing runs yet.
    public init(_ name: String, sql: String) {
        self.name = name
        self.sql = sql
    }
}
