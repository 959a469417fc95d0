/// Knows under which tag a channel consumes, and which frames lead from one intake to another.
///
/// Pure. Another intake is another subscription of the same channel: a prefetch holds for the consumers that begin after
/// it was set (RabbitMQ guide *Consumer Prefetch*). The new one begins before the old one is cancelled, so that
/// nothing pauses in between; what the old one brought stays unsettled and valid.
///
///     opened ──▶ worker-1 ── take ──▶ worker-2 …      paused: no tag
struct SubscriptionMachine {
    private let queue: String
    private let prefetch: UInt16
    private let first: Intake
    /// Subscriptions that this channel has had.
    private var count = 0
    /// The present subscription's tag; `nil` while nothing is taken.
    private var present: String?
    /// Cancellations whose answers are still to come.
    private var unanswered = 0

    /// What is taken now, or was last asked for.
    private(set) var intake: Intake

    init(queue: String, prefetch: UInt16, first: Intake) {
        self.queue = queue
        self.prefetch = prefetch
        self.first = first
        intake = .paused
    }

    /// What subscribes on a fresh channel.
    var opening: [OutboundMethod] { frames(for: first, tag: Self.tag(1)) }

    /// Whether nothing more can come: no subscription stands, and every cancellation is answered.
    var isQuiet: Bool { present == nil && unanswered == 0 }

    /// Whether a cancellation waits for its answer.
    var isCancelling: Bool { unanswered > 0 }

    /// The most deliveries that may be unsettled.
    var limit: Int { intake == .full ? Int(prefetch) : intake == .single ? 1 : 0 }

    /// ``opening`` was answered.
    mutating func opened() {
        count = 1
        unanswered = 0
        intake = first
        present = first == .paused ? nil : Self.tag(1)
    }

    /// The channel is gone.
    mutating func lost() {
        unanswered = 0
        present = nil
        intake = .paused
    }

    /// Somebody wants another intake.
    ///
    /// - Returns: What to send; nothing where it is so already.
    mutating func take(_ intake: Intake) -> [OutboundMethod] {
        guard intake != self.intake else { return [] }
        let old = present
        self.intake = intake
        count += 1
        let tag = Self.tag(count)
        present = intake == .paused ? nil : tag
        if old != nil { unanswered += 1 }
        return frames(for: intake, tag: tag) + (old.map { [.basicCancel(consumerTag: $0)] } ?? [])
    }

    /// The broker answered one cancellation.
    mutating func cancelAnswered() {
        unanswered = max(unanswered - 1, 0)
    }

    /// Whether a subscription that the broker cancelled by itself is the one that counts; an older one was given up.
    func isPresent(_ tag: String) -> Bool { present == tag }

    private func frames(for intake: Intake, tag: String) -> [OutboundMethod] {
        switch intake {
        case .paused: []
        case .single: [.basicQos(prefetch: 1), .basicConsume(queue: queue, consumerTag: tag)]
        case .full: [.basicQos(prefetch: prefetch), .basicConsume(queue: queue, consumerTag: tag)]
        }
    }

    private static func tag(_ number: Int) -> String { "worker-\(number)" }
}
