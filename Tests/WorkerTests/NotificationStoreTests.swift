import Database
import OrderEvents
import TestSupport
import Testing

@testable import NotificationWorker

@Suite("The right to send a mail")
struct NotificationStoreTests {
    private let scratch: Scratch
    private let store: NotificationStore
    private let start = Timestamp(milliseconds: 1_767_323_045_000)

    init() throws {
        scratch = try Scratch()
        store = NotificationStore(database: try scratch.open(NotificationSchema.migrations))
    }

    private func later(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: start.milliseconds + seconds * 1_000)
    }

    @Test("a mail that is sent is never sent again")
    func sent() async throws {
        #expect(try await store.claim("e1", as: "a", at: start) == .granted)
        try await store.markSent("e1", claim: "a", at: start)
        #expect(try await store.claim("e1", as: "b", at: later(3_600)) == .sent)
    }

    @Test("of several instances asking at once, one is granted the right")
    func oneClaim() async throws {
        let stores =
            try [store]
            + (0..<3)
            .map { _ in
                NotificationStore(database: try scratch.open(NotificationSchema.migrations))
            }
        let granted = try await withThrowingTaskGroup(of: Bool.self) { [start] group in
            for index in 0..<20 {
                group.addTask {
                    try await stores[index % 4].claim("e1", as: "c\(index)", at: start) == .granted
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 1)
    }

    @Test("a claim left by a crash is free after the lease, and not before")
    func lease() async throws {
        #expect(try await store.claim("e1", as: "a", at: start) == .granted)
        #expect(try await store.claim("e1", as: "b", at: later(59)) == .held(for: .seconds(1)))
        #expect(try await store.claim("e1", as: "b", at: later(60)) == .grantedAgain)
        #expect(try await store.claim("e1", as: "c", at: later(61)) == .held(for: .seconds(59)))
    }

    @Test("what may have gone out is sent again at once, by one, and known as a repeat")
    func unknown() async throws {
        #expect(try await store.claim("e1", as: "a", at: start) == .granted)
        try await store.markUnknown("e1", claim: "b", at: start)
        #expect(try await store.claim("e1", as: "c", at: start) == .held(for: .seconds(60)))
        try await store.markUnknown("e1", claim: "a", at: start)
        #expect(try await store.claim("e1", as: "c", at: start) == .grantedAgain)
        #expect(try await store.claim("e1", as: "d", at: start) == .held(for: .seconds(60)))
        try await store.markSent("e1", claim: "c", at: start)
        try await store.markUnknown("e1", claim: "c", at: start)
        #expect(try await store.claim("e1", as: "d", at: later(3_600)) == .sent)
    }

    @Test("what an older release recorded is kept")
    func migration() async throws {
        let scratch = try Scratch()
        let old = NotificationStore(database: try scratch.open([NotificationSchema.migrations[0]]))
        #expect(try await old.claim("e1", as: "a", at: start) == .granted)
        try await old.markSent("e1", claim: "a", at: start)
        old.database.close()
        let new = NotificationStore(database: try scratch.open(NotificationSchema.migrations))
        #expect(try await new.claim("e1", as: "b", at: start) == .sent)
    }

    @Test("a clock set back makes nobody wait longer than one lease")
    func clockSetBack() async throws {
        #expect(try await store.claim("e1", as: "a", at: later(10_000)) == .granted)
        #expect(try await store.claim("e1", as: "b", at: start) == .held(for: .seconds(60)))
    }

    @Test("a failed attempt gives the right back at once, but only its own")
    func release() async throws {
        _ = try await store.claim("e1", as: "a", at: start)
        try await store.release("e1", claim: "b")
        #expect(try await store.claim("e1", as: "b", at: start) == .held(for: .seconds(60)))
        try await store.release("e1", claim: "a")
        #expect(try await store.claim("e1", as: "b", at: start) == .granted)
        try await store.markSent("e1", claim: "b", at: start)
        try await store.release("e1", claim: "b")
        #expect(try await store.claim("e1", as: "c", at: start) == .sent)
    }
}
