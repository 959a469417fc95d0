import Database
import ServiceKit
import TestSupport
import Testing

@Suite("The journal of suspects")
struct DatabaseJournalTests {
    @Test("beginnings are counted until an end, for all instances, and each service has its own")
    func counting() async throws {
        let scratch = try Scratch()
        let database = try scratch.open([DatabaseJournal.migration])
        let journal = DatabaseJournal(database, service: "a")
        let other = DatabaseJournal(try scratch.open([DatabaseJournal.migration]), service: "a")
        #expect(try await journal.unfinished("e") == 0)
        try await journal.began("e")
        try await other.began("e")
        #expect(try await journal.unfinished("e") == 2)
        #expect(try await journal.unfinished("f") == 0)
        #expect(try await DatabaseJournal(database, service: "b").unfinished("e") == 0)
        try await other.finished("e")
        try await other.finished("e")
        #expect(try await journal.unfinished("e") == 0)
    }

    @Test("what began long ago is forgotten with the next beginning")
    func retention() async throws {
        let scratch = try Scratch()
        let database = try scratch.open([DatabaseJournal.migration])
        let journal = DatabaseJournal(database, service: "a")
        try await journal.began("old")
        _ = try await database.write { try $0.execute("UPDATE suspect_journal SET begun_at = 1") }
        try await journal.began("new")
        #expect(try await journal.unfinished("old") == 0)
        #expect(try await journal.unfinished("new") == 1)
    }
}
