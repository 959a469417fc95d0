import RabbitMQ
import WorkQueue

/// What replaying and discarding have in common: choose, say or do, report.
struct DeadLetterWork {
    let verb: String
    let isDryRun: Bool
    let options: DeadLetterOptions

    func run(
        _ work: ([DeadLetter], DeadLetterQueue, SystemLocation) async throws -> DeadLetterQueue.Summary
    ) async throws {
        let (letters, summary) = try await options.withLetters { letters, queue, location in
            let printed = letters.map(PrintedDeadLetter.init)
            if isDryRun {
                queue.release(letters)
                return (printed, DeadLetterQueue.Summary())
            }
            return (printed, try await work(letters, queue, location))
        }
        try report(letters, summary)
        guard summary.failed == 0 else {
            throw CommandError.refused(
                "\(summary.failed) stayed dead letters: \(summary.lastFailure ?? "unknown reason")"
            )
        }
    }

    private func report(_ letters: [PrintedDeadLetter], _ summary: DeadLetterQueue.Summary) throws {
        if options.location.json {
            try Console.json(
                Outcome(
                    verb: verb,
                    dryRun: isDryRun,
                    done: summary.done,
                    failed: summary.failed,
                    ids: letters.map(\.id)
                )
            )
        } else if isDryRun {
            try PrintedDeadLetter.print(letters, asJSON: false)
            Console.line("\(letters.count) would be \(verb).")
        } else {
            Console.line("\(summary.done) \(verb).")
        }
    }

    private struct Outcome: Encodable {
        var verb: String
        var dryRun: Bool
        var done: Int
        var failed: Int
        var ids: [String?]

        enum CodingKeys: String, CodingKey {
            case verb
            case dryRun = "dry_run"
            case done
            case failed
            case ids
        }
    }
}
