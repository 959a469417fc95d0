import ArgumentParser
import RabbitMQ
import ServiceKit
import WorkQueue

/// The command `orderctl dead-letters`.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Lists, shows, replays or discards the messages that a service could not handle.",
        subcommands: [List.self, Show.self, Replay.self, Discard.self]
    )
}

/// Whose dead letters, and which of them.
struct DeadLetterOptions: ParsableArguments {
    @Argument(help: "The service, for example inventory.") var service: String
    @Option(help: "Only the event with this id.") var id: String?
    @Option(help: "Only events of this type.") var type: String?
    @Option(help: "Only this reason: exhausted, permanent, undecodable, delivery-limit.") var reason: String?
    @Option(help: "Only where the error contains this text.") var error: String?
    @Option(help: "Only what failed last at least this long ago: 30s, 5m, 2h.") var olderThan: String?
    @Option(help: "At most so many.") var limit: Int?
    @OptionGroup var location: LocationOptions

    mutating func validate() throws {
        guard service.wholeMatch(of: /[a-z][a-z0-9-]{0,63}/) != nil else {
            throw ValidationError("\"\(service)\" is no service's name")
        }
        if let limit, limit < 1 { throw ValidationError("--limit must be a whole number from 1") }
        if let olderThan, DurationText.parse(olderThan) == nil {
            throw ValidationError("--older-than \(DurationText.rule)")
        }
    }

    /// The conditions given.
    var filter: DeadLetterFilter {
        DeadLetterFilter(
            id: id,
            type: type,
            reason: reason,
            error: error,
            olderThan: olderThan.flatMap(DurationText.parse)
        )
    }

    /// Runs the body with the chosen letters in hand; what it does not settle goes back.
    func withLetters<Result: Sendable>(
        _ body: ([DeadLetter], DeadLetterQueue, SystemLocation) async throws -> Result
    ) async throws -> Result {
        let location = try await location.locate()
        do {
            return try await BrokerSession.withOperator(location.broker) { broker in
                let queue = DeadLetterQueue(service: service, broker: broker)
                let total = try await broker.queue("\(service).dead", within: .seconds(10))?.messages ?? 0
                var progress = Progress("dead letters read", total: total)
                let letters = try await queue.collect(filter, limit: limit ?? .max) {
                    progress.advance(to: $0)
                }
                return try await body(letters, queue, location)
            }
        } catch let error as RabbitMQError {
            if error.kind == .refused(.notFound) {
                throw CommandError.refused(
                    "There is no queue \(service).dead; is \(service) a service that has run?"
                )
            }
            throw CommandError.unavailable("\(error)")
        }
    }
}

extension DeadLettersCommand {
    /// The command `orderctl dead-letters list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists them; every message stays where it is."
        )
        @OptionGroup var options: DeadLetterOptions

        func run() async throws {
            let letters = try await options.withLetters { letters, queue, _ in
                queue.release(letters)
                return letters.map(PrintedDeadLetter.init)
            }
            try PrintedDeadLetter.print(letters, asJSON: options.location.json)
        }
    }

    /// The command `orderctl dead-letters show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows them whole, with properties, headers and body; every message stays where it is."
        )
        @OptionGroup var options: DeadLetterOptions

        func run() async throws {
            let letters = try await options.withLetters { letters, queue, _ in
                queue.release(letters)
                return letters.map(WholeDeadLetter.init)
            }
            if let id = options.id, letters.isEmpty {
                throw CommandError.refused("There is no dead letter \(id) of \(options.service).")
            }
            if options.location.json {
                try Console.json(letters)
            } else {
                Console.line(letters.map(\.text).joined(separator: "\n\n"))
            }
        }
    }

    /// The command `orderctl dead-letters replay`.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts them back on their own service's queue, as if they had never failed."
        )
        @Flag(help: "Only say which.") var dryRun = false
        @OptionGroup var options: DeadLetterOptions

        func run() async throws {
            try await DeadLetterWork(verb: "replayed", isDryRun: dryRun, options: options)
                .run {
                    letters,
                    queue,
                    location in
                    try await BrokerSession.withPublisher(location.broker) { publisher in
                        var progress = Progress("dead letters replayed", total: letters.count)
                        return await queue.replay(letters, through: publisher) { progress.advance(to: $0) }
                    }
                }
        }
    }

    /// The command `orderctl dead-letters discard`.
    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Throws them away for good; needs a filter, or --all."
        )
        @Flag(help: "Only say which.") var dryRun = false
        @Flag(help: "Really all of them.") var all = false
        @OptionGroup var options: DeadLetterOptions

        func validate() throws {
            guard all || !options.filter.isEmpty || options.limit != nil else {
                throw ValidationError("discard needs a filter, or --all to throw every dead letter away")
            }
        }

        func run() async throws {
            try await DeadLetterWork(verb: "discarded", isDryRun: dryRun, options: options)
                .run { letters, queue, _ in await queue.discard(letters) }
        }
    }
}
