import RabbitMQ
import Synchronization

/// Publishes messages through one publisher, at most a window of them unconfirmed at a time.
struct PublishRun: Sendable {
    let publisher: Publisher
    /// The message; every one is the same.
    let message: OutgoingMessage
    let count: Int
    /// Most that wait for their confirm.
    let window: Int
    /// What is meant to become of each.
    let expected: PublishRecord.Fate

    /// A window is filled in so many parts: while some wait for their confirms, others are written.
    private static let parts = 4
    /// Longest wait for the confirms of one part.
    private static let patience = Duration.seconds(30)

    /// Publishes until all have their fate, one part meets none of those expected, or the sign is raised.
    func run(until stop: StopSign) async -> PublishRecord {
        let tally = Tally(left: count)
        let began = SystemSeam.nanoseconds()
        let parts = min(Self.parts, window)
        await withTaskGroup(of: Void.self) { group in
            for part in 0..<parts {
                let size = window / parts + (part < window % parts ? 1 : 0)
                group.addTask { await publish(in: size, tally, until: stop) }
            }
        }
        var record = tally.record
        record.nanoseconds = SystemSeam.nanoseconds() - began
        return record
    }

    private func publish(in size: Int, _ tally: Tally, until stop: StopSign) async {
        let whole = [OutgoingMessage](repeating: message, count: size)
        while !stop.isRaised, case let count = tally.take(upTo: size), count > 0 {
            let began = SystemSeam.nanoseconds()
            let outcomes = await publisher.publish(
                contentsOf: count == size ? whole : Array(whole.prefix(count)),
                within: Self.patience
            )
            let length = SystemSeam.nanoseconds() - began
            var fates: [PublishRecord.Fate: Int] = [:]
            for outcome in outcomes { fates[PublishRecord.Fate(outcome), default: 0] += 1 }
            // A broker that takes nothing would cost every part its whole patience.
            tally.note(fates, microseconds: length / 1_000, isHopeless: fates[expected] == nil)
        }
    }

    /// What is left to do, and what came of the rest; for several tasks.
    private final class Tally: Sendable {
        private struct State {
            var left: Int
            var record = PublishRecord()
        }

        private let state: Mutex<State>

        init(left: Int) {
            state = Mutex(State(left: left))
        }

        var record: PublishRecord { state.withLock { $0.record } }

        func take(upTo limit: Int) -> Int {
            state.withLock { state in
                let count = min(limit, state.left)
                state.left -= count
                return count
            }
        }

        func note(_ fates: [PublishRecord.Fate: Int], microseconds: Int64, isHopeless: Bool) {
            state.withLock { state in
                state.record.fates.merge(fates) { $0 + $1 }
                state.record.latency.add(microseconds: microseconds)
                if isHopeless { state.left = 0 }
            }
        }
    }
}

/// What came of publishing.
struct PublishRecord: Equatable, Sendable {
    /// What became of a message.
    enum Fate: String, CaseIterable, Sendable {
        /// Every queue has it on disk.
        case confirmed
        /// It reached no queue, and the broker said so.
        case unroutable
        case refused, unknown
        case notSent = "not_sent"

        init(_ outcome: PublishOutcome) {
            switch outcome {
            case .confirmed: self = .confirmed
            case .unroutable: self = .unroutable
            case .refused: self = .refused
            case .unknown: self = .unknown
            case .notSent, .unsendable: self = .notSent
            }
        }
    }

    var fates: [Fate: Int] = [:]
    /// From the call that publishes a part of the window to its last confirm.
    var latency = LatencyHistogram()
    var nanoseconds: Int64 = 0

    var seconds: Double { Double(nanoseconds) / 1e9 }

    /// Messages of that fate a second.
    func rate(_ fate: Fate) -> Double {
        nanoseconds > 0 ? Double(fates[fate] ?? 0) / seconds : 0
    }
}
