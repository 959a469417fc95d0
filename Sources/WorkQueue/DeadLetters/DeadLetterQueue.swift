public import RabbitMQ

/// The dead letters of one service: looked at, put back, thrown away.
///
/// Messages are held unacknowledged while a call runs and go back to their place when the connection of `broker` ends
/// or ``release(_:)`` is called, so that a call that dies halfway loses nothing. Two calls at once see disjoint parts.
public struct DeadLetterQueue: Sendable {
    /// What became of the chosen letters.
    public struct Summary: Hashable, Sendable {
        /// Put back or thrown away.
        public var done = 0
        /// Chosen, but the broker did not confirm it; the letter is still here, or came back.
        public var failed = 0
        /// Why the last of them failed.
        public var lastFailure: String?

        /// Begins with nothing done.
        public init() {}
    }

    private let names: ServiceNames
    private let broker: Operator

    /// Looks after the dead letters of `service`.
    ///
    /// `broker` must be running, and is used by one call at a time.
    public init(service: String, broker: Operator) {
        names = ServiceNames(service)
        self.broker = broker
    }

    /// Takes the chosen letters in hand, oldest first; the others stay where they are.
    ///
    /// Looks at the letters that were there when it began, so that it ends while more come.
    /// - Parameters:
    ///   - filter: Which letters.
    ///   - limit: Most letters to return.
    ///   - patience: Longest wait for each answer of the broker.
    ///   - progress: Told how many were looked at.
    /// - Returns: The letters, to be released, replayed or discarded.
    /// - Throws: ``RabbitMQ/RabbitMQError``; `refused(404)` where the service has no dead-letter queue.
    public func collect(
        _ filter: DeadLetterFilter,
        limit: Int = .max,
        within patience: Duration = .seconds(10),
        progress: (Int) -> Void = { _ in }
    ) async throws(RabbitMQError) -> [DeadLetter] {
        guard let status = try await broker.queue(names.deadLetters, within: patience) else {
            throw RabbitMQError(.refused(.notFound), during: .get, "there is no queue \(names.deadLetters)")
        }
        var chosen: [DeadLetter] = []
        var others: [DeadLetter] = []
        var seen = 0
        while seen < status.messages, chosen.count < limit,
            let delivery = try await broker.get(from: names.deadLetters, within: patience)
        {
            // A connection that came back has the earlier ones in the queue again, and would bring them twice.
            if let first = chosen.first ?? others.first, broker.isStale(first.message.tag) {
                throw RabbitMQError(
                    .outcomeUnknown,
                    during: .get,
                    "the connection was lost; nothing was changed"
                )
            }
            seen += 1
            progress(seen)
            let letter = DeadLetter(delivery)
            if filter.chooses(letter) { chosen.append(letter) } else { others.append(letter) }
        }
        release(others)
        return chosen
    }

    /// Puts letters back where they were.
    public func release(_ letters: [DeadLetter]) {
        for letter in letters { broker.settle(letter.message.tag, .requeue) }
    }

    /// Puts letters on their own service's queue, as if they had never failed, and takes them out of here.
    ///
    /// The broker confirms each copy before its letter is acknowledged: a crash in between leaves both, and the event id
    /// makes them one. What is not confirmed stays a dead letter.
    /// - Parameters:
    ///   - letters: As ``collect(_:limit:within:progress:)`` returned them.
    ///   - publisher: A running publisher.
    ///   - patience: Longest wait for the confirms of 500 copies.
    ///   - progress: Told how many are done.
    /// - Returns: How many were put back, and what failed.
    public func replay(
        _ letters: [DeadLetter],
        through publisher: Publisher,
        within patience: Duration = .seconds(30),
        progress: (Int) -> Void = { _ in }
    ) async -> Summary {
        let copies = FailureCopy(service: names.service)
        var summary = Summary()
        for start in stride(from: 0, to: letters.count, by: 500) {
            let chunk = letters[start..<min(start + 500, letters.count)]
            let messages = chunk.map { copies.replay(of: $0.message) }
            let outcomes = await publisher.publish(contentsOf: messages, within: patience)
            var confirmed: [DeadLetter] = []
            for (letter, outcome) in zip(chunk, outcomes) {
                if outcome.isConfirmed {
                    confirmed.append(letter)
                } else {
                    broker.settle(letter.message.tag, .requeue)
                    summary.failed += 1
                    summary.lastFailure = outcome.description
                }
            }
            await acknowledge(confirmed, within: patience, &summary)
            progress(summary.done)
        }
        return summary
    }

    /// Throws letters away for good.
    /// - Parameters:
    ///   - letters: As ``collect(_:limit:within:progress:)`` returned them.
    ///   - patience: Longest wait for the broker to say that it has taken note.
    /// - Returns: How many are gone, and what failed.
    public func discard(_ letters: [DeadLetter], within patience: Duration = .seconds(30)) async -> Summary {
        var summary = Summary()
        await acknowledge(letters, within: patience, &summary)
        return summary
    }

    /// Acknowledges, and believes it only after the queue itself has answered.
    ///
    /// Within the broker, a channel sends a quorum queue 32 commands ahead and keeps the others until those are applied;
    /// a connection that closes meanwhile forgets them, and letters thrown away are back. So never more are on their way
    /// than may be sent ahead, and then a message is asked for, which the queue answers after what came before.
    private func acknowledge(
        _ letters: [DeadLetter],
        within patience: Duration,
        _ summary: inout Summary
    ) async {
        for start in stride(from: 0, to: letters.count, by: Self.commandsAhead) {
            let chunk = letters[start..<min(start + Self.commandsAhead, letters.count)]
            for letter in chunk { broker.settle(letter.message.tag, .acknowledge) }
            if await queueHasAnswered(within: patience), chunk.allSatisfy({ !broker.isStale($0.message.tag) })
            {
                summary.done += chunk.count
            } else {
                summary.failed += chunk.count
                summary.lastFailure = "the connection was lost; they may be here still"
            }
        }
    }

    private static let commandsAhead = 24

    private func queueHasAnswered(within patience: Duration) async -> Bool {
        do throws(RabbitMQError) {
            let probe = try await broker.get(from: names.deadLetters, within: patience)
            if let probe { broker.settle(probe.tag, .requeue) }
            return true
        } catch {
            return false
        }
    }
}
