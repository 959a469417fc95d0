import ArgumentParser
import EventLog
import FoundationEssentials
import OrderEvents
import RabbitMQ
import Synchronization
import UnixSignals
import WorkQueue

extension EventsCommand {
    /// The command `orderctl events replay`.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts history on one service's own queue, oldest first.",
            discussion: """
                No other service sees any of it. Each event keeps its id and has the header `replayed`. The same command \
                again goes on where an earlier one was interrupted, and begins anew once that one was finished. Events \
                that still wait for the broker are among them, and come again when it has them.
                """
        )
        @Option(help: "The service, for example analytics.") var to: String
        @Option(help: "Events a second.") var rate = 1_000
        @Flag(help: "Only say how many.") var dryRun = false
        @Flag(help: "Begin anew where an earlier replay was interrupted.") var restart = false
        @OptionGroup var options: EventOptions

        func validate() throws {
            guard to.wholeMatch(of: /[a-z][a-z0-9-]{0,63}/) != nil else {
                throw ValidationError("\"\(to)\" is no service's name")
            }
            guard (1...100_000).contains(rate) else {
                throw ValidationError("--rate must be a whole number from 1 to 100000")
            }
        }

        func run() async throws {
            let report = try await options.location.withEventLog { log, location in
                let (replay, isResumed) = try await prepared(log)
                let extent = try await log.extent(of: replay.selection, after: replay.position)
                if dryRun {
                    try await requireQueue(location.broker)
                    return ReplayReport(replay, extent, isResumed: isResumed, rate: rate, isDryRun: true)
                }
                if isResumed {
                    Console.error(
                        "Going on with the replay to \(to) that began at \(replay.begun.text): \(replay.done) done, "
                            + "\(extent.count) left; --restart begins anew."
                    )
                }
                var report = ReplayReport(replay, extent, isResumed: isResumed, rate: rate, isDryRun: false)
                (report.replay, report.isFinished) =
                    try await carryOut(replay, report.total, log, location.broker)
                return report
            }
            try report.print(asJSON: options.location.json)
            if !report.isDryRun, !report.isFinished {
                throw CommandError.refused(
                    "Interrupted: \(report.replay.done) of \(report.total) replayed; the same command goes on."
                )
            }
        }

        /// The replay to carry out: a new one, or one that was interrupted.
        private func prepared(_ log: EventLog) async throws -> (EventReplay, isResumed: Bool) {
            let now = Timestamp.now
            if !restart, let earlier = try await log.unfinishedReplay(to: to, name: options.words) {
                return (earlier, true)
            }
            return (EventReplay(to: to, name: options.words, options.selection(now: now), begun: now), false)
        }

        private func requireQueue(_ broker: BrokerSettings) async throws {
            let status = try await BrokerSession.withOperator(broker) { broker in
                try await broker.queue(ServiceNames(to).queue, within: .seconds(10))
            }
            if status == nil { throw noQueue }
        }

        private var noQueue: CommandError {
            let built = ProgramFolder.own.builtServices()
            guard built.contains(to) else {
                return .refused("There is no queue \(to). Services here: \(built.joined(separator: ", ")).")
            }
            return .refused(
                "There is no queue \(to). Start the service once, or declare it: orderctl topology apply \(to)"
            )
        }

        private func carryOut(
            _ replay: EventReplay,
            _ total: Int,
            _ log: EventLog,
            _ broker: BrokerSettings
        ) async throws -> (EventReplay, Bool) {
            try await requireQueue(broker)
            let stop = StopSign()
            let progress = Mutex(Progress("events replayed", total: total))
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { stop.raise() }
                }
                defer { group.cancelAll() }
                do {
                    return try await BrokerSession.withPublisher(broker) { publisher in
                        try await ReplayRun(
                            log,
                            rate: rate,
                            isStopped: { stop.isRaised },
                            publish: { await publisher.publish(contentsOf: $0, within: .seconds(10)) }
                        )
                        .run(replay) { replay in progress.withLock { $0.advance(to: replay.done) } }
                    }
                } catch let error as ReplayFailure {
                    switch error {
                    case .noQueue: throw noQueue
                    case .broker(let word):
                        throw CommandError.unavailable(
                            "The broker took no more events: \(word). The same command goes on."
                        )
                    }
                }
            }
        }
    }
}

/// What a replay came to.
struct ReplayReport: Sendable {
    var replay: EventReplay
    let extent: EventLog.Extent
    let isResumed: Bool
    let rate: Int
    let isDryRun: Bool
    var isFinished = false
    /// Events of the whole replay, those of earlier runs included.
    let total: Int

    init(_ replay: EventReplay, _ extent: EventLog.Extent, isResumed: Bool, rate: Int, isDryRun: Bool) {
        self.replay = replay
        self.extent = extent
        self.isResumed = isResumed
        self.rate = rate
        self.isDryRun = isDryRun
        total = replay.done + extent.count
    }

    func print(asJSON: Bool) throws {
        if asJSON { return try Console.json(self) }
        guard isDryRun else {
            return isFinished ? Console.line("\(replay.done) events replayed to \(replay.service).") : ()
        }
        guard let oldest = extent.oldest, let newest = extent.newest else {
            return Console.line("Nothing would be replayed to \(replay.service).")
        }
        let seconds = (extent.count + rate - 1) / rate
        Console.line(
            "\(extent.count) events from \(oldest.text) to \(newest.text) would be replayed to \(replay.service), "
                + "in about \(seconds) s."
        )
        if isResumed { Console.line("They are what an interrupted replay left; \(replay.done) are done.") }
    }
}

extension ReplayReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case service
        case dryRun = "dry_run"
        case resumed, finished, replayed, total, oldest, newest
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(replay.service, forKey: .service)
        try container.encode(isDryRun, forKey: .dryRun)
        try container.encode(isResumed, forKey: .resumed)
        try container.encode(isFinished, forKey: .finished)
        try container.encode(replay.done, forKey: .replayed)
        try container.encode(total, forKey: .total)
        try container.encode(extent.oldest?.text, forKey: .oldest)
        try container.encode(extent.newest?.text, forKey: .newest)
    }
}
