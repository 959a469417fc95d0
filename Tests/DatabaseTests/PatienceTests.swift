import Database
import Synchronization
import TestSupport
import Testing

@Suite("Patience with the disk")
struct PatienceTests {
    @Test("ends a wait with an unknown outcome; the write is carried out all the same, and its end is told")
    func late() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let latch = Latch()
        let (ends, end) = AsyncStream.makeStream(of: Bool.self)
        await withTaskGroup { group in
            // Immediate: it is in line before the other one.
            group.addImmediateTask { _ = try? await database.write { _ in latch.wait() } }
            let failure = await #expect(throws: DatabaseError.self) {
                try await database.write(within: .milliseconds(20)) { transaction in
                    try transaction.execute("INSERT INTO items (name, amount) VALUES ('late', 1)")
                } ended: { result in
                    end.yield((try? result.get()) == 1)
                }
            }
            #expect(failure?.kind == .outcomeUnknown)
            latch.open()
        }
        var iterator = ends.makeAsyncIterator()
        #expect(await iterator.next() == true)
        #expect(try await database.names() == ["late"])
    }

    @Test("is no limit for what is in time: each of many waits has its own end", .timeLimit(.minutes(1)))
    func inTime() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let latch = Latch()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            group.addImmediateTask { (try? await database.write { _ in latch.wait() }) != nil }
            for number in 0..<40 {
                // Every other one gives up while the writer is held.
                let patience = number.isMultiple(of: 2) ? Duration.milliseconds(10 + number) : .seconds(3_600)
                group.addImmediateTask {
                    (try? await database.write(within: patience) { _ in number }) == number
                }
            }
            var outcomes: [Bool] = []
            for await outcome in group {
                outcomes.append(outcome)
                if outcomes.count == 20 { latch.open() }
            }
            return outcomes
        }
        #expect(outcomes.prefix(20).allSatisfy { !$0 })
        #expect(outcomes.dropFirst(20).allSatisfy { $0 })
        #expect(outcomes.count == 41)
    }

    @Test(
        "of one wait does not depend on that of another: a short one that begins later ends first",
        .timeLimit(.minutes(1))
    )
    func shorter() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let latch = Latch()
        await withTaskGroup { group in
            group.addImmediateTask {
                _ = try? await database.write(within: .seconds(3_600)) { _ in latch.wait() }
            }
            let failure = await #expect(throws: DatabaseError.self) {
                try await database.write(within: .milliseconds(200)) { _ in }
            }
            #expect(failure?.kind == .outcomeUnknown)
            latch.open()
        }
    }

    @Test("ends a read that gets no reader")
    func read() async throws {
        let rig = try DatabaseRig()
        let database = rig.database
        let latch = Latch()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addImmediateTask { _ = try? await database.read { _ in latch.wait() } }
            }
            let failure = await #expect(throws: DatabaseError.self) {
                try await database.read(within: .milliseconds(20)) { _ in }
            }
            #expect(failure?.kind == .unavailable)
            latch.open()
        }
    }
}
