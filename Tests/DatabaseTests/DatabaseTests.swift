import Database
import FoundationEssentials
import Testing

@Suite("A database file")
struct DatabaseTests {
    @Test("is flushed at every commit, keeps a write-ahead log and checks foreign keys")
    func pragmas() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let pragmas = try await database.write { transaction in
            try ["synchronous", "foreign_keys"].map { try transaction.queryOne("PRAGMA \($0)")?.values }
        }
        // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
        #expect(pragmas == [[.integer(2)], [.integer(1)]])
        let journal = try await database.read { try $0.queryOne("PRAGMA journal_mode")?.values }
        #expect(journal == [.text("wal")])
    }

    @Test("refuses text with a NUL, which SQLite would cut there, and takes it for no other text")
    func nul() async throws {
        let rig = try DatabaseRig()
        try await rig.database.add("a")
        let error = await #expect(throws: DatabaseError.self) { try await rig.database.add("a\u{0}b") }
        #expect(error?.kind == .constraint)
        let names = try await rig.database.read { transaction in
            try transaction.query("SELECT name FROM items").map { try $0.text("name") }
        }
        #expect(names == ["a"])
        await #expect(throws: DatabaseError.self) {
            try await rig.database.read { try $0.queryOne("SELECT $1 AS x", [.text("a\u{0}")]) }
        }
    }

    @Test("two handles on one file see each other's commits, and both may write")
    func twoHandles() async throws {
        let rig = try DatabaseRig()
        let other = try rig.reopened()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask { try await rig.database.add("left-\(index)") }
                group.addTask { try await other.add("right-\(index)") }
            }
            try await group.waitForAll()
        }
        #expect(try await rig.database.names().count == 100)
        #expect(try await other.names().count == 100)
    }

    @Test("many handles may open one new file at once")
    func openingTogether() async throws {
        let rig = try DatabaseRig()
        let location = DatabaseLocation.sqlite(path: rig.path("new.db"))
        let count = try await withThrowingTaskGroup(of: Database.self) { group in
            for _ in 0..<4 {
                group.addTask { try Database.open(location, migrations: [DatabaseRig.items]) }
            }
            return try await group.reduce(into: 0) { count, _ in count += 1 }
        }
        #expect(count == 4)
    }

    @Test("migrations run once each, in order, all or none")
    func migrations() async throws {
        let rig = try DatabaseRig()
        let second = Migration(
            "items-2",
            sql: "ALTER TABLE items ADD COLUMN note TEXT; INSERT INTO items (name) VALUES ('seed')"
        )
        for _ in 0..<2 {
            let database = try rig.reopened([DatabaseRig.items, second])
            #expect(try await database.names() == ["seed"])
        }
        let broken = [
            Migration("items-3", sql: "CREATE TABLE half (x)"), Migration("items-4", sql: "NONSENSE"),
        ]
        #expect(throws: DatabaseError.self) { try rig.reopened(broken) }
        let tables = try await rig.database.read {
            try $0.query("SELECT name FROM sqlite_master WHERE name = 'half'")
        }
        #expect(tables.isEmpty)
    }

    @Test("placeholders are numbered, whatever order they stand in, and not looked for in strings")
    func placeholders() async throws {
        let rig = try DatabaseRig()
        let row = try await rig.database
            .read { transaction in
                try transaction.queryOne("SELECT $2 AS b, $1 AS a, $2 || '$1' AS c", ["first", "second"])
            }
        #expect(row?.values == [.text("second"), .text("first"), .text("second$1")])
    }

    @Test("every type of value comes back as it was")
    func values() async throws {
        let values: [SQLValue] = [
            .integer(.min), .text("naïve\u{1F4E6}"), .blob([0, 255]), .real(0.5), .null,
        ]
        let rig = try DatabaseRig()
        let row = try await rig.database
            .read { try $0.queryOne("SELECT $1, $2, $3, $4, $5", values) }
        #expect(row?.values == values)
    }

    @Test("a row says what is wrong with a column rather than trapping")
    func rows() async throws {
        let rig = try DatabaseRig()
        let row = try #require(
            try await rig.database.read { try $0.queryOne("SELECT 'x' AS a, NULL AS b") }
        )
        #expect(try row.text("a") == "x")
        #expect(try row.textIfPresent("b") == nil)
        #expect(throws: DatabaseError.self) { try row.integer("a") }
        #expect(throws: DatabaseError.self) { try row.text("b") }
        #expect(throws: DatabaseError.self) { try row.text("c") }
    }

    @Test("a reading body that writes is refused")
    func readingOnly() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        await #expect {
            try await database.read { try $0.execute("INSERT INTO items (name) VALUES ('x')") }
        } throws: { ($0 as? DatabaseError)?.kind == .readOnly }
    }

    @Test("a full database refuses what does not fit and goes on")
    func full() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        try await database.add("first")
        _ = try await database.write { try $0.query("PRAGMA max_page_count = 1") }
        let big = String(repeating: "x", count: 1_000_000)
        await #expect {
            try await database.add(big)
        } throws: { ($0 as? DatabaseError)?.kind == .full && ($0 as? DatabaseError)?.advice == .retryLater }
        #expect(try await database.names() == ["first"])
        _ = try await database.write { try $0.query("PRAGMA max_page_count = 100000") }
        try await database.add("second")
        #expect(try await database.names() == ["first", "second"])
    }

    @Test("a file that is no database is corrupt, and a directory is not usable")
    func notADatabase() throws {
        let rig = try DatabaseRig()
        let path = rig.path("text.db")
        #expect(
            FileManager.default.createFile(
                atPath: path,
                contents: Data(String(repeating: "text", count: 500).utf8)
            )
        )
        #expect { try Database.open(.sqlite(path: path), migrations: []) } throws: {
            ($0 as? DatabaseError)?.kind == .corrupt
        }
        #expect(throws: DatabaseError.self) {
            try Database.open(.sqlite(path: rig.path("")), migrations: [])
        }
    }

    @Test(
        "locations are read strictly",
        arguments: [
            ("sqlite:a.db", DatabaseLocation.sqlite(path: "a.db")),
            ("sqlite:/x/y.db", .sqlite(path: "/x/y.db")),
            ("postgres://u:p@h/d", .postgres(url: "postgres://u:p@h/d")),
            ("sqlite:", nil), ("sqlite::memory:", nil), ("sqlite:dir/", nil), ("mysql://x", nil), ("", nil),
        ] as [(String, DatabaseLocation?)]
    )
    func locations(text: String, expected: DatabaseLocation?) {
        #expect((try? DatabaseLocation.parse(text)) == expected)
    }

    @Test("PostgreSQL is refused clearly, and its password never shown")
    func postgres() throws {
        let location = try DatabaseLocation.parse("postgres://user:hunter2@host/name")
        #expect(!"\(location)".contains("hunter2"))
        #expect { try Database.open(location, migrations: []) } throws: {
            ($0 as? DatabaseError)?.kind == .unsupported && !"\($0)".contains("hunter2")
        }
    }
}
