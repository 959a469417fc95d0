internal import Confinement
internal import CrashPoints

/// Publishes in the order of asking and answers each batch once.
struct PublishingRole: ChannelRole {
    enum Command: Sendable {
        case publish(Submission)
        /// Declare the topology again, over a new connection.
        case startOver
    }

    /// One call of ``Publisher/publish(contentsOf:within:)``.
    struct Submission: Sendable {
        let messages: [OutgoingMessage]
        let deadline: Deadline
        let reply: OnceReply<[PublishOutcome]>
    }

    /// A submission under way.
    ///
    /// A class, since each confirm changes it in place; never leaves the connection's thread.
    private final class Batch {
        let messages: [OutgoingMessage]
        let deadline: Deadline
        let reply: OnceReply<[PublishOutcome]>
        var outcomes: [PublishOutcome?]
        var unanswered: Int
        /// Messages before this index were written.
        var nextUnsent = 0

        init(_ submission: Submission) {
            messages = submission.messages
            deadline = submission.deadline
            reply = submission.reply
            outcomes = Array(repeating: nil, count: messages.count)
            unanswered = messages.count
        }
    }

    /// Publishes that wait for a confirm at once; the rest waits here.
    ///
    /// Ten times the window that fills a broker.
    static let window = 10_000
    /// Messages that may wait to be written; beyond it a batch is refused.
    static let longestQueue = 100_000

    static let restsWhileBlocked = true
    let opening: [OutboundMethod] = [.confirmSelect]

    private var ledger = ConfirmLedger()
    /// Why the last message came back, as it is told: mostly the next one comes back for the same reason.
    private var refrain: (code: ReplyCode, text: String, reason: String)?
    private var batches: [UInt64: Batch] = [:]
    /// Batches with unsent messages, oldest first.
    ///
    /// May name batches that are gone.
    private var queue: [UInt64] = []
    private var queueStart = 0
    private var unsentCount = 0
    private var lastBatch: UInt64 = 0
    private var mustStartOver = false
    private var wroteMessages = false

    var isIdle: Bool { batches.isEmpty }

    /// No batch's deadline is earlier; looked for again only when it has come.
    private var nextExpiry: Deadline?
    private var silence = SilenceMachine()
    private var isSilent = false
    /// Whether writing was allowed since the clock was last looked at: it is not while the broker blocks.
    private var couldWrite = false
    /// When this turn began.
    private var turn: Deadline?

    var nextDeadline: Deadline? { [nextExpiry, silence.deadline].compactMap(\.self).min() }

    mutating func perform(_ command: Command, at now: Deadline) {
        switch command {
        case .publish(let submission): accept(submission)
        case .startOver: mustStartOver = true
        }
    }

    private mutating func accept(_ command: Submission) {
        guard !command.messages.isEmpty else { return command.reply.answer([]) }
        guard unsentCount + command.messages.count <= Self.longestQueue else {
            return command.reply.answer(Self.all(command, .notSent("\(unsentCount) messages wait already")))
        }
        lastBatch += 1
        batches[lastBatch] = Batch(command)
        queue.append(lastBatch)
        nextExpiry = min(nextExpiry ?? command.deadline, command.deadline)
        unsentCount += command.messages.count
    }

    func refuse(_ command: Command) {
        guard case .publish(let command) = command else { return }
        command.reply.answer(Self.all(command, .notSent("the publisher has stopped")))
    }

    mutating func channelOpened() {
        ledger.channelOpened()
        silence.channelOpened()
        isSilent = false
    }

    mutating func channelLost(_ error: RabbitMQError) {
        for slot in ledger.drain() { settle(slot, .unknown("\(error)")) }
        // What was not written is not written later either: it would overtake what must now be published again.
        for id in batches.keys.sorted() { abandon(id, sent: "\(error)", unsent: "\(error)") }
        clearQueue()
    }

    mutating func write(to sink: inout some FrameSink & ~Copyable) throws(RabbitMQError) {
        if mustStartOver {
            mustStartOver = false
            throw RabbitMQError(.refused(.noRoute), during: .publish, "declaring the topology again")
        }
        couldWrite = true
        if isSilent {
            isSilent = false
            let patience = silence.patience
            silence.startedOver()
            throw RabbitMQError(.silent, during: .publish, "no confirm for \(patience)")
        }
        while queueStart < queue.count, !sink.isFull, ledger.count < Self.window {
            let id = queue[queueStart]
            guard let batch = batches[id], batch.nextUnsent < batch.messages.count else {
                queueStart += 1
                continue
            }
            let slot = ConfirmLedger.Slot(batch: id, index: batch.nextUnsent)
            let message = batch.messages[batch.nextUnsent]
            batch.nextUnsent += 1
            unsentCount -= 1
            do throws(RabbitMQError) {
                guard message.body.count <= OutgoingMessage.largestBody else {
                    throw RabbitMQError(.malformed, during: .publish, "the body is over 16 MiB")
                }
                try sink.publish(message, on: 1)
                ledger.published(slot, Self.key(of: message))
                wroteMessages = true
            } catch {
                // Only this message is at fault; the ones around it go on.
                settle(slot, .unsendable(error.detail))
            }
        }
        if queueStart == queue.count { clearQueue() }
        if let turn, ledger.count > 0 { silence.waits(at: turn) }
    }

    mutating func received(_ method: InboundMethod) throws(RabbitMQError) {
        switch method {
        case .basicAck(let number, let multiple):
            silence.heard()
            for (slot, outcome) in ledger.answered(number, multiple: multiple, positive: true) {
                settle(slot, outcome)
            }
        case .basicNack(let number, let multiple):
            // A channel that has lost its queue's leader refuses everything, at once and for ever.
            silence.refused()
            for (slot, outcome) in ledger.answered(number, multiple: multiple, positive: false) {
                settle(slot, outcome)
            }
        default:
            break
        }
    }

    mutating func received(_ content: consuming ContentAssembly.Content) throws(RabbitMQError) {
        guard case .basicReturn(let code, let text, let exchange, let routingKey) = content.method else {
            return
        }
        let messageID = content.properties.messageID
        let key = ConfirmLedger.Key(messageID: messageID, exchange: exchange, routingKey: routingKey)
        ledger.returned(key, reason: reason(code, text))
    }

    private mutating func reason(_ code: ReplyCode, _ text: String) -> String {
        if let refrain, refrain.code == code, refrain.text == text { return refrain.reason }
        let reason = "\(code) \(text)"
        refrain = (code, text, reason)
        return reason
    }

    mutating func sent() {
        if wroteMessages { CrashPoint.reached(.publishWritten) }
        wroteMessages = false
    }

    mutating func turnEnded() {}

    mutating func expire(at now: Deadline) {
        listen(at: now)
        guard nextExpiry?.isPast(at: now) == true else { return }
        for (id, batch) in batches where batch.deadline.isPast(at: now) {
            abandon(id, sent: "no confirm by the deadline", unsent: "no working connection by the deadline")
        }
        nextExpiry = batches.values.lazy.map(\.deadline).min()
        if batches.isEmpty { clearQueue() }
    }

    private mutating func listen(at now: Deadline) {
        let awaitsConfirm = ledger.count > 0 || silence.isRefused
        if awaitsConfirm, couldWrite { silence.waits(at: now) } else { silence.rests() }
        isSilent = silence.isOver(at: now)
        couldWrite = false
        turn = now
    }

    mutating func shutDown() {
        for id in Array(batches.keys) { abandon(id, sent: "stopped before the confirm", unsent: "stopped") }
    }

    private mutating func clearQueue() {
        queue.removeAll(keepingCapacity: true)
        queueStart = 0
    }

    private mutating func settle(_ slot: ConfirmLedger.Slot, _ outcome: PublishOutcome) {
        // A batch that was answered by its deadline is gone; its late confirms have nobody to tell.
        guard let batch = batches[slot.batch], batch.outcomes[slot.index] == nil else { return }
        batch.outcomes[slot.index] = outcome
        batch.unanswered -= 1
        if batch.unanswered == 0 { answer(slot.batch) }
    }

    private mutating func abandon(_ id: UInt64, sent: String, unsent: String) {
        guard let batch = batches[id] else { return }
        for index in batch.messages.indices where batch.outcomes[index] == nil {
            batch.outcomes[index] = index < batch.nextUnsent ? .unknown(sent) : .notSent(unsent)
        }
        unsentCount -= batch.messages.count - batch.nextUnsent
        answer(id)
    }

    private mutating func answer(_ id: UInt64) {
        guard let batch = batches.removeValue(forKey: id) else { return }
        batch.reply.answer(batch.outcomes.map { $0 ?? .unknown("no answer") })
    }

    private static func all(_ command: Submission, _ outcome: PublishOutcome) -> [PublishOutcome] {
        Array(repeating: outcome, count: command.messages.count)
    }

    private static func key(of message: OutgoingMessage) -> ConfirmLedger.Key {
        ConfirmLedger.Key(
            messageID: message.properties.messageID,
            exchange: message.exchange,
            routingKey: message.routingKey
        )
    }
}
