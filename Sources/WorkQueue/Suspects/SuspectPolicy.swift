internal import RabbitMQ

/// Decides what happens to an event that came back often.
///
/// Pure. The broker counts for every message how often it was given back by an end of its channel
/// (`x-delivery-count`), also where it was only prefetched beside the one that ended the worker; at 20 it dead-letters
/// it (`x-delivery-limit` of the service's queue). So a count makes a suspect, and only evidence convicts.
struct SuspectPolicy: Sendable {
    /// What is known of a suspect.
    struct Record: Equatable {
        /// How often the broker got it back.
        var returns: Int
        /// Failed attempts behind it.
        var attempts: Int
        /// Ends of a worker that its attempts account for already; travels in the message.
        var crashes: Int
        /// Beginnings without an end in the journal, `nil` where the journal cannot be read.
        var begun: Int?
    }

    enum Step: Equatable {
        /// Ask the handler.
        case handle
        /// It ended its worker: a failed attempt, so it waits as one that failed.
        case rest(Duration)
        /// It nears the broker's limit and nothing speaks against it: a copy takes its place, whose count is 0.
        case refresh
        /// It ended its workers as often as an event may fail: a dead letter.
        case convict
    }

    let retry: RetryPolicy

    /// Returns that make an event suspect.
    ///
    /// One is a lost connection, two a restart of the broker that was not smooth.
    static let suspicion = 3
    /// Returns at which an innocent event is refreshed: early enough for five more tries to do that.
    static let refreshment = 15
    /// Ends of a worker below which nothing is convicted, however short the ladder.
    static let fewestCrashes = 3

    /// Whether an event is to be handled alone.
    static func suspects(_ headers: FieldTable) -> Bool {
        returns(in: headers) >= suspicion || FailureHeaders.crashes(in: headers) > 0
    }

    /// How often the broker got the message back; absent or 0 on a first delivery, as versions differ.
    static func returns(in headers: FieldTable) -> Int {
        guard let count = headers["x-delivery-count"]?.integer, count > 0 else { return 0 }
        return Int(clamping: count)
    }

    func step(for record: Record) -> Step {
        guard let begun = record.begun else { return .handle }
        // What it is known for already it has rested for.
        if begun > record.crashes {
            switch retry.step(after: record.attempts + 1) {
            case .wait(let delay): return .rest(delay)
            case .exhausted: return begun >= Self.fewestCrashes ? .convict : .handle
            }
        }
        return record.returns >= Self.refreshment ? .refresh : .handle
    }
}
