public import RabbitMQ

/// Why a replay ended before its end; what was confirmed is noted, and the same replay goes on from there.
public enum ReplayFailure: Error, Hashable, Sendable {
    /// The service has no queue, or no longer.
    case noQueue
    /// The broker did not take the events for as long as patience lasts; the text is its last word.
    case broker(String)
}

/// Puts history on one service's own queue, oldest event first, at a bounded rate.
///
/// Goes through the default exchange, so that no other service sees any of it. Each batch is confirmed by the broker and
/// noted in the log's database before the next one leaves: a run that dies repeats at most one batch, and the events' ids
/// make the repeats none.
public struct ReplayRun: Sendable {
    /// Publishes messages in order, and waits for the fate of each.
    public typealias Publishing = @Sendable ([OutgoingMessage]) async -> [PublishOutcome]

    /// Most events in a batch.
    static let batchLimit = 256
    /// How long a broker that takes nothing is tried again.
    static let patience = Duration.seconds(30)

    private let log: EventLog
    private let rate: Int
    private let publish: Publishing
    private let sleep: @Sendable (Duration) async throws -> Void
    private let now: @Sendable () -> ContinuousClock.Instant
    private let isStopped: @Sendable () -> Bool

    /// Prepares a run; nothing happens yet.
    ///
    /// - Parameters:
    ///   - log: Where the events are, and where the progress is kept.
    ///   - rate: Events a second, at least 1.
    ///   - isStopped: Asked between batches; true ends the run.
    ///   - sleep: Waits; throws when cancelled.
    ///   - now: Reads the clock.
    ///   - publish: The broker.
    public init(
        _ log: EventLog,
        rate: Int,
        isStopped: @escaping @Sendable () -> Bool = { false },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        publish: @escaping Publishing
    ) {
        precondition(rate > 0, "a replay without a rate would never end")
        self.log = log
        self.rate = rate
        self.isStopped = isStopped
        self.sleep = sleep
        self.now = now
        self.publish = publish
    }

    /// Four batches a second, as far as the limit lets.
    private var batchSize: Int { max(1, min(Self.batchLimit, rate / 4)) }

    /// Replays from where `replay` is to its end.
    ///
    /// - Parameters:
    ///   - replay: A new one, or one that was not finished.
    ///   - progress: Told after each confirmed batch.
    /// - Returns: How far it came, and whether that is the end; a finished replay is forgotten.
    /// - Throws: ``ReplayFailure``; `DatabaseError` where the log cannot be read or the progress not be noted;
    ///   `CancellationError`.
    public func run(
        _ replay: EventReplay,
        progress: @Sendable (EventReplay) -> Void = { _ in }
    ) async throws -> (replay: EventReplay, isFinished: Bool) {
        var replay = replay
        var next = now()
        try await log.save(replay)
        while !isStopped() {
            let events = try await log.history(
                replay.selection,
                after: replay.position,
                limit: batchSize
            )
            guard let last = events.last else {
                try await log.forget(replay)
                return (replay, true)
            }
            try await pause(until: next)
            guard !isStopped() else { break }
            // Time that was lost, as with a broker that was away, is not made up for: the rate is for the service.
            next = max(now(), next).advanced(by: .seconds(1) * events.count / rate)
            try await hand(over: events.map { $0.replay(to: replay.service) })
            replay.done += events.count
            replay.position = last.position
            try await log.save(replay)
            progress(replay)
        }
        return (replay, false)
    }

    /// Waits in small steps, so that a stop is seen soon.
    private func pause(until moment: ContinuousClock.Instant) async throws {
        while !isStopped() {
            let rest = now().duration(to: moment)
            guard rest > .zero else { return }
            try await sleep(min(rest, .milliseconds(200)))
        }
    }

    /// Publishes until each is confirmed, those that are not again.
    private func hand(over messages: [OutgoingMessage]) async throws {
        let limit = now().advanced(by: Self.patience)
        var waiting = messages
        while true {
            let outcomes = await publish(waiting)
            var left: [OutgoingMessage] = []
            var word = "it said nothing"
            for (index, message) in waiting.enumerated() {
                let outcome = index < outcomes.count ? outcomes[index] : .unknown(word)
                switch outcome {
                case .confirmed: continue
                case .unroutable: throw ReplayFailure.noQueue
                case .unsendable: throw ReplayFailure.broker("\(outcome)")
                case .refused, .unknown, .notSent:
                    word = "\(outcome)"
                    left.append(message)
                }
            }
            guard !left.isEmpty else { return }
            guard now() < limit else { throw ReplayFailure.broker(word) }
            waiting = left
            try await sleep(.milliseconds(500))
        }
    }
}
