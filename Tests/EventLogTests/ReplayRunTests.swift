import EventLog
import OrderEvents
import RabbitMQ
import Synchronization
import TestSupport
import Testing

/// What a broker was given, and what it answers.
private final class Recorder: Sendable {
    private let batches = Mutex<[[String]]>([])
    private let answer: @Sendable (Int, Int) -> PublishOutcome

    /// - Parameter answer: From the number of the batch and of the message in it.
    init(_ answer: @escaping @Sendable (Int, Int) -> PublishOutcome = { _, _ in .confirmed }) {
        self.answer = answer
    }

    var ids: [String] { batches.withLock { $0.flatMap { $0 } } }
    var sizes: [Int] { batches.withLock { $0.map { $0.count } } }

    @Sendable func publish(_ messages: [OutgoingMessage]) async -> [PublishOutcome] {
        let number = batches.withLock { batches in
            batches.append(messages.map { $0.properties.messageID ?? "" })
            return batches.count
        }
        return messages.indices.map { answer(number, $0) }
    }
}

/// A clock that a test moves.
private final class ManualClock: Sendable {
    private let begin = ContinuousClock.now
    private let passed = Mutex(Duration.zero)

    var elapsed: Duration { passed.withLock { $0 } }
    var now: ContinuousClock.Instant { begin.advanced(by: elapsed) }

    func advance(_ step: Duration) { passed.withLock { $0 += step } }
}

@Suite("A replay")
struct ReplayRunTests {
    private let begun = Timestamp(milliseconds: 1_000_000)

    private func replay(_ name: String = "", _ selection: EventSelection = EventSelection()) -> EventReplay {
        EventReplay(to: "analytics", name: name, selection, begun: begun)
    }

    @Test("goes oldest first, in bounded batches, to what had happened when it began, and is forgotten then")
    func whole() async throws {
        let rig = try EventLogRig()
        let events = try await rig.fill(1...600)
        try await rig.fill(1_000_001...1_000_002)
        try await rig.hold(7)
        let recorder = Recorder()
        let result = try await ReplayRun(rig.log, rate: 1_000_000, publish: recorder.publish).run(replay())
        #expect(result.isFinished)
        #expect(result.replay.done == 600)
        // Also the one in the outbox, which the broker may have had before the queue was there.
        #expect(recorder.ids == events.map { $0.id })
        #expect(recorder.sizes == [256, 256, 88])
        #expect(try await rig.log.unfinishedReplay(to: "analytics", name: "") == nil)
    }

    @Test("that was interrupted goes on behind the last confirmed batch, by its service and its words")
    func resumed() async throws {
        let rig = try EventLogRig()
        let events = try await rig.fill(1...600)
        let first = Recorder()
        let stopped = try await ReplayRun(
            rig.log,
            rate: 1_000_000,
            isStopped: { first.sizes.count == 1 },
            publish: first.publish
        )
        .run(replay("--since 1h", EventSelection(since: Timestamp(milliseconds: 11))))
        #expect(!stopped.isFinished)
        #expect(stopped.replay.done == 256)
        #expect(try await rig.log.unfinishedReplay(to: "inventory", name: "--since 1h") == nil)
        #expect(try await rig.log.unfinishedReplay(to: "analytics", name: "") == nil)
        let found = try #require(try await rig.log.unfinishedReplay(to: "analytics", name: "--since 1h"))
        #expect(found == stopped.replay)
        let second = Recorder()
        let result = try await ReplayRun(rig.log, rate: 1_000_000, publish: second.publish).run(found)
        #expect(result.isFinished)
        #expect(result.replay.done == 590)
        #expect(first.ids + second.ids == events.dropFirst(10).map { $0.id })
    }

    @Test("repeats what the broker did not confirm, and only that")
    func unconfirmed() async throws {
        let rig = try EventLogRig()
        let events = try await rig.fill(1...4)
        let recorder = Recorder { batch, index in
            batch == 1 && index % 2 == 1 ? .refused : batch == 2 ? .unknown("lost") : .confirmed
        }
        let pauses = Atomic<Int>(0)
        let run = ReplayRun(
            rig.log,
            rate: 1_000_000,
            sleep: { _ in pauses.add(1, ordering: .relaxed) },
            publish: recorder.publish
        )
        #expect(try await run.run(replay()).isFinished)
        let ids = events.map { $0.id }
        #expect(recorder.ids == ids + [ids[1], ids[3]] + [ids[1], ids[3]])
        #expect(pauses.load(ordering: .relaxed) == 2)
    }

    @Test("to a queue that is not there fails and keeps its place")
    func noQueue() async throws {
        let rig = try EventLogRig()
        try await rig.fill(1...600)
        let recorder = Recorder { batch, _ in batch == 2 ? .unroutable("NO_ROUTE") : .confirmed }
        let run = ReplayRun(rig.log, rate: 1_000_000, publish: recorder.publish)
        let replay = replay()
        await #expect(throws: ReplayFailure.noQueue) { _ = try await run.run(replay) }
        #expect(try await rig.log.unfinishedReplay(to: "analytics", name: "")?.done == 256)
    }

    @Test("keeps its rate: small batches, and a pause before each that would come too soon")
    func rate() async throws {
        let rig = try EventLogRig()
        try await rig.fill(1...40)
        let recorder = Recorder()
        let run = ReplayRun(rig.log, rate: 20, publish: recorder.publish)
        let begin = ContinuousClock.now
        #expect(try await run.run(replay()).isFinished)
        // The last of eight batches of five leaves after seven quarters of a second.
        #expect(begin.duration(to: .now) >= .milliseconds(1_750))
        #expect(recorder.sizes == Array(repeating: 5, count: 8))
    }

    @Test("keeps its rate after a broker that was away, and makes up for nothing")
    func stalled() async throws {
        let rig = try EventLogRig()
        try await rig.fill(1...40)
        let clock = ManualClock()
        let times = Mutex<[Duration]>([])
        let run = ReplayRun(
            rig.log,
            rate: 20,
            sleep: { clock.advance($0) },
            now: { clock.now },
            publish: { messages in
                times.withLock { $0.append(clock.elapsed) }
                // The third batch takes ten seconds.
                if times.withLock({ $0.count }) == 3 { clock.advance(.seconds(10)) }
                return messages.map { _ in .confirmed }
            }
        )
        #expect(try await run.run(replay()).isFinished)
        let milliseconds = times.withLock { $0.map { Int($0 / .milliseconds(1)) } }
        #expect(milliseconds == [0, 250, 500, 10_500, 10_750, 11_000, 11_250, 11_500])
    }
}
