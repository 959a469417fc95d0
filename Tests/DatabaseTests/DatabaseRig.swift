import Database
import TestSupport

/// A database in a file of its own.
struct DatabaseRig {
    static let items = Migration(
        "items-1",
        sql: "CREATE TABLE items (name TEXT PRIMARY KEY, amount BIGINT CHECK (amount >= 0)) WITHOUT ROWID"
    )

    let directory: TemporaryDirectory
    let database: Database

    init() throws {
        directory = try TemporaryDirectory("database")
        database = try Database.open(
            .sqlite(path: "\(directory.path)/deep/er/items.db"),
            migrations: [Self.items]
        )
    }

    /// The path of another file beside it.
    func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    /// A second handle on the same file, as another process would have.
    func reopened(_ migrations: [Migration] = [items]) throws -> Database {
        try Database.open(database.location, migrations: migrations)
    }
}

extension Database {
    func add(_ name: String, _ amount: Int64 = 1) async throws {
        _ = try await write { transaction in
            try transaction.execute(
                "INSERT INTO items (name, amount) VALUES ($1, $2)",
                [.text(name), .integer(amount)]
            )
        }
    }

    func names() async throws -> [String] {
        try await read { try $0.query("SELECT name FROM items ORDER BY name").map { try $0.text("name") } }
    }
}
