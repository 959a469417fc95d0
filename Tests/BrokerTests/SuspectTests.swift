import RabbitMQ
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import WorkQueue

@Suite("Events that came back often, on a real broker", .broker)
struct SuspectTests {
    /// Has a queue's messages delivered and given back, as a worker does that dies with them in hand.
    private func crash(_ queue: String, holding count: Int, times: Int) async throws {
        for _ in 0..<times {
            let consumer = Consumer(
                settings: try .suite(),
                queue: queue,
                prefetch: count,
                topology: Topology(),
                logger: quiet
            )
            try await running(consumer) {
                var held = 0
                while held < count { held += try await #require(consumer.next(upTo: count)).count }
                consumer.stop()
            }
        }
    }

    @Test("neighbours of a crash are handled one at a time, then all at once again")
    func oneAtATime() async throws {
        let busy = Mutex((now: 0, most: 0))
        let gate = Gate()
        let rig = try WorkerRig("suspects") { event, _ in
            busy.withLock { busy in
                busy.now += 1
                busy.most = max(busy.most, busy.now)
            }
            if event.number == 2 { await gate.wait() }
            busy.withLock { $0.now -= 1 }
            return .done
        }
        let journal = MemoryJournal()
        try await rig.run {
            for number in 0..<5 { _ = await rig.publish(id: "neighbour \(number)") }
            try await crash("suspects", holding: 5, times: 3)
            for number in 0..<4 { _ = await rig.publish(id: "fresh \(number)", body: #"{"number":2}"#) }
            try await running(rig.worker(journal: journal)) {
                try await eventually("the fresh ones are in hand") { busy.withLock { $0.now } == 4 }
                let first = rig.handler.contexts.prefix(5).map(\.eventID)
                #expect(first.allSatisfy { $0.hasPrefix("neighbour") })
                gate.open()
                try await eventually("nothing is left") { try await rig.count("suspects") == 0 }
            }
            #expect(journal.most == 1 && journal.begun.isEmpty)
            #expect(journal.written == 5, "what never came back is never written down")
        }
    }

    @Test("one that nears the broker's limit without being to blame begins anew, and is done")
    func refreshed() async throws {
        let rig = try WorkerRig("refreshed") { _, _ in .done }
        try await rig.run {
            _ = await rig.publish(id: "innocent")
            try await crash("refreshed", holding: 1, times: 16)
            try await running(rig.worker(journal: MemoryJournal())) {
                try await eventually("it is handled") { rig.handler.contexts.count == 1 }
                try await eventually("it is acknowledged") { try await rig.count("refreshed") == 0 }
            }
            let headers = rig.handler.contexts[0].envelope.properties.headers
            #expect(headers["x-delivery-count"]?.integer ?? 0 == 0)
            #expect(rig.handler.contexts[0].attempt == 1)
            #expect(try await rig.count("refreshed.dead") == 0)
        }
    }

    @Test("one that ended its worker rests as one that failed, and says so")
    func rested() async throws {
        let rig = try WorkerRig("rested") { _, _ in .done }
        let journal = MemoryJournal()
        try await rig.run {
            _ = await rig.publish(id: "guilty once")
            try await crash("rested", holding: 1, times: 3)
            await journal.began("guilty once")
            try await running(rig.worker(journal: journal)) {
                try await eventually("it is handled") { rig.handler.contexts.count == 1 }
                try await eventually("nothing is left in the journal") { journal.begun.isEmpty }
            }
            let context = rig.handler.contexts[0]
            #expect(context.attempt == 2)
            #expect(context.envelope.properties.headers["retry-crashes"]?.integer == 1)
            #expect(
                context.envelope.properties.headers["retry-error"]
                    == "its worker ended once while handling this event alone"
            )
        }
    }

    @Test("one that ended its worker as often as an event may fail is a dead letter that says why")
    func convicted() async throws {
        let rig = try WorkerRig("convicted", delays: []) { _, _ in .done }
        let journal = MemoryJournal()
        try await rig.run {
            for id in ["poison", "good"] { _ = await rig.publish(id: id) }
            try await crash("convicted", holding: 2, times: 3)
            for _ in 0..<3 { await journal.began("poison") }
            try await running(rig.worker(journal: journal)) {
                try await eventually("it is dead") { try await rig.count("convicted.dead") == 1 }
                try await eventually("the good one is done") {
                    rig.handler.contexts.map(\.eventID) == ["good"]
                }
            }
            let letter = try #require(try await rig.deadLetters().first)
            #expect(letter.id == "poison" && letter.reason == "delivery-limit")
            #expect(letter.error == "its worker ended 3 times while handling this event alone")
            #expect(journal.begun.isEmpty, "replayed, it begins anew")
        }
    }

    @Test("a journal that does not answer holds nobody up")
    func brokenJournal() async throws {
        let rig = try WorkerRig("journalless") { _, _ in .done }
        try await rig.run {
            _ = await rig.publish(id: "innocent")
            try await crash("journalless", holding: 1, times: 16)
            try await running(rig.worker(journal: BrokenJournal())) {
                try await eventually("it is handled") { rig.handler.contexts.count == 1 }
                try await eventually("it is acknowledged") { try await rig.count("journalless") == 0 }
            }
        }
    }
}

/// A journal that forgets with the process, and remembers how it was used.
final class MemoryJournal: HandlingJournal {
    private struct State {
        var begun: [String: Int] = [:]
        var written = 0
        var most = 0
    }

    private let state = Mutex(State())

    /// What stands in it.
    var begun: [String: Int] { state.withLock { $0.begun } }
    /// Beginnings so far.
    var written: Int { state.withLock { $0.written } }
    /// The most events that stood in it at once.
    var most: Int { state.withLock { $0.most } }

    func unfinished(_ eventID: String) async -> Int {
        state.withLock { $0.begun[eventID] ?? 0 }
    }

    func began(_ eventID: String) async {
        state.withLock { state in
            state.begun[eventID, default: 0] += 1
            state.written += 1
            state.most = max(state.most, state.begun.count)
        }
    }

    func finished(_ eventID: String) async {
        state.withLock { $0.begun[eventID] = nil }
    }
}

private struct BrokenJournal: HandlingJournal {
    struct Away: Error {}

    func unfinished(_ eventID: String) async throws -> Int { throw Away() }
    func began(_ eventID: String) async throws { throw Away() }
    func finished(_ eventID: String) async throws { throw Away() }
}
