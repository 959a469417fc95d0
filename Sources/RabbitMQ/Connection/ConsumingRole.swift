internal import Confinement
internal import CrashPoints
internal import DequeModule
internal import Logging

/// Consumes one queue and settles what the handlers decided.
struct ConsumingRole: ChannelRole {
    enum Command: Sendable {
        case settle(DeliveryTag, Settlement)
        /// Take more or less at once, on the channel of this epoch.
        case take(Intake, epoch: UInt32)
        /// Take nothing more on the channel of this epoch; answered when nothing can come any more.
        case pause(epoch: UInt32, OnceReply<UInt64?>)
        /// Take no more from the queue, for good.
        case cancel
    }

    /// What a consuming connection works with, from outside.
    struct Surroundings: Sendable {
        let queue: String
        let prefetch: UInt16
        let first: Intake
        /// What is asked of the broker while nothing comes, before the queue itself: what must be there for events to come.
        let upkeep: [OutboundMethod]
        let duty: TopologyDuty
        let watchInterval: Duration
        let buffer: DeliveryBuffer
        let epoch: EpochBox
        let deafness: DeafnessCounter
        let logger: Logger
    }

    static let restsWhileBlocked = false

    private let outside: Surroundings
    private var ledger = SettlementLedger()
    private var pacer: SettlementPacer
    private var reading = ReceivePacer()
    private var isFlushDue = false
    private var subscription: SubscriptionMachine
    private var watch: DeafnessMachine
    private var arrived: Deque<Delivery> = []
    private var relief = ReliefPacer()
    /// Written next turn.
    private var pending: [OutboundMethod] = []
    private var pauses: [OnceReply<UInt64?>] = []
    private var isOpen = false
    private var isCancelled = false
    /// When an unanswered cancellation counts as never answered.
    private var cancelDeadline: Deadline?
    private var failure: RabbitMQError?
    private var lingersUntil: Deadline?
    private var wroteSettlements = false

    /// How long a connection stays open after its last settlement.
    ///
    /// Within the broker, a channel sends a quorum queue 32 commands ahead and keeps the others until those are applied;
    /// closing at once forgets them, and finished work is delivered again.
    private static let linger = Duration.milliseconds(200)

    /// How long the broker may take to answer a cancellation of a worker that stops.
    ///
    /// A frozen one never does, and nobody should wait for it with empty hands.
    private static let stopPatience = Duration.seconds(2)
    /// The same for a pause, after which the connection is given up.
    private static let pausePatience = Duration.seconds(5)

    init(_ outside: Surroundings) {
        self.outside = outside
        pacer = SettlementPacer(prefetch: outside.prefetch)
        subscription = SubscriptionMachine(
            queue: outside.queue,
            prefetch: outside.prefetch,
            first: outside.first
        )
        watch = DeafnessMachine(interval: outside.watchInterval)
    }

    var opening: [OutboundMethod] { isCancelled ? [] : subscription.opening }

    /// Settlements are written in a moment; then the broker has another to pass them on.
    var isIdle: Bool { lingersUntil == nil }

    var nextDeadline: Deadline? {
        [pacer.deadline, lingersUntil, cancelDeadline, relief.deadline, watch.nextDeadline].compactMap(\.self)
            .min()
    }

    mutating func channelOpened() {
        isOpen = true
        subscription.opened()
        // Asked while the consumer was being set up: it is there now and must go.
        if isCancelled { pending += subscription.take(.paused) }
    }

    mutating func channelLost(_ error: RabbitMQError) {
        isOpen = false
        arrived = []
        relief.isLeft = false
        pending = []
        cancelDeadline = nil
        failure = nil
        subscription.lost()
        watch.rest()
        outside.buffer.discard()
        // What handlers still hold is of this epoch; its settlements are dropped from now on.
        ledger.channelClosed()
        pacer.rests()
        outside.epoch.current = ledger.epoch
        answerPauses(nil)
        if isCancelled { outside.buffer.finish() }
    }

    mutating func received(_ method: InboundMethod) throws(RabbitMQError) {
        switch method {
        case .basicCancel(let tag) where subscription.isPresent(tag):
            throw RabbitMQError(
                .refused(.notFound),
                during: .consume,
                "the queue \(outside.queue) was deleted or has moved: \(outside.duty.remedy)"
            )
        case .basicCancelOk:
            subscription.cancelAnswered()
        case .queueDeclareOk(_, let ready, _):
            outside.deafness.answered()
            watch.answered(ready: ready)
        default:
            break
        }
    }

    func refused(_ code: ReplyCode, _ text: String) -> RabbitMQError {
        // Only the questions of an idle connection can be answered so.
        guard code == .notFound else { return RabbitMQError(.refused(code), during: .run, text) }
        return RabbitMQError(.refused(code), during: .consume, "\(outside.duty.remedy): \(text)")
    }

    mutating func received(_ content: consuming ContentAssembly.Content) throws(RabbitMQError) {
        guard let number = content.deliveryNumber else { return }
        guard let tag = ledger.delivered(number), let delivery = content.delivery(tag) else {
            throw RabbitMQError(.malformed, during: .consume, "delivery tag \(number) out of order")
        }
        arrived.append(delivery)
        watch.rest()
    }

    mutating func perform(_ command: Command, at now: Deadline) {
        switch command {
        case .settle(let tag, let settlement):
            settle(tag, settlement, at: now)
        case .take(let intake, let epoch):
            guard isOpen, !isCancelled, epoch == ledger.epoch else { return }
            if intake != .paused { answerPauses(nil) }
            change(to: intake, at: now)
        case .pause(let epoch, let reply):
            guard isOpen, epoch == ledger.epoch else { return reply.answer(nil) }
            pauses.append(reply)
            change(to: .paused, at: now)
            concludeCancelling()
        case .cancel:
            guard !isCancelled else { return }
            isCancelled = true
            change(to: .paused, at: now)
            concludeCancelling()
        }
    }

    private mutating func settle(_ tag: DeliveryTag, _ settlement: Settlement, at now: Deadline) {
        lingersUntil = now.advanced(by: Self.linger)
        switch ledger.settle(tag, as: settlement) {
        case nil: pacer.waits(at: now)
        case .staleEpoch:
            outside.logger.debug("Settlement of an earlier connection dropped: the broker delivers again")
        case .unknownTag:
            outside.logger.error("A delivery was settled twice", metadata: ["queue": "\(outside.queue)"])
        }
    }

    private mutating func change(to intake: Intake, at now: Deadline) {
        guard isOpen else { return }
        pending += subscription.take(intake)
        // A change from one intake to another needs no answer.
        guard subscription.isCancelling, isCancelled || !pauses.isEmpty else { return }
        cancelDeadline = now.advanced(by: isCancelled ? Self.stopPatience : Self.pausePatience)
    }

    /// Tells whoever waits for it that nothing more comes.
    private mutating func concludeCancelling() {
        guard subscription.isQuiet || !isOpen else { return }
        deliverArrived()
        answerPauses(ledger.lastDelivered)
        if isCancelled { outside.buffer.finish() }
    }

    private mutating func answerPauses(_ last: UInt64?) {
        for pause in pauses { pause.answer(last) }
        pauses = []
    }

    func refuse(_ command: Command) {
        if case .pause(_, let reply) = command { reply.answer(nil) }
    }

    mutating func write(to sink: inout some FrameSink & ~Copyable) throws(RabbitMQError) {
        if let failure { throw failure }
        if isFlushDue {
            for frame in ledger.flush() { try sink.method(frame, on: 1) }
            isFlushDue = false
            wroteSettlements = true
            pacer.rests()
        }
        for frame in pending { try sink.method(frame, on: 1) }
        pending = []
    }

    mutating func hurry() {
        isFlushDue = ledger.awaiting > 0
    }

    mutating func sent() {
        if wroteSettlements { CrashPoint.reached(.settlementWritten) }
        wroteSettlements = false
    }

    mutating func takePause() -> ReadPause? {
        reading.takePause().map { ReadPause(length: $0, company: pacer.enough) }
    }

    mutating func turnEnded() {
        reading.turnEnded(bringing: arrived.count)
        deliverArrived()
        if !subscription.isCancelling {
            cancelDeadline = nil
            if isCancelled || !pauses.isEmpty { concludeCancelling() }
        }
    }

    mutating func expire(at now: Deadline) {
        // Whoever pauses or stops takes nothing more, and waits for no others.
        isFlushDue = ledger.awaiting > 0 && (isCancelled || !pauses.isEmpty || pacer.isDue(ledger, at: now))
        if lingersUntil?.isPast(at: now) == true { lingersUntil = nil }
        if relief.isDue(at: now) { relief.isLeft = outside.buffer.relieve() }
        if cancelDeadline?.isPast(at: now) == true { giveUpCancelling() }
        guard isOpen, subscription.intake != .paused, ledger.isSettled else { return watch.rest() }
        watch.listens(at: now)
        switch watch.action(at: now) {
        case .none: break
        case .ask: pending += outside.upkeep + [.queueDeclarePassive(outside.queue)]
        case .startOver:
            watch.rest()
            outside.deafness.resubscribed()
            failure = RabbitMQError(
                .silent,
                during: .consume,
                "subscribed, but nothing is delivered; subscribing again"
            )
        }
    }

    /// The broker does not answer: whoever stops goes on without, whoever pauses begins again.
    private mutating func giveUpCancelling() {
        cancelDeadline = nil
        if isCancelled {
            deliverArrived()
            outside.buffer.finish()
        } else {
            failure = RabbitMQError(.silent, during: .consume, "basic.cancel is not answered")
        }
    }

    mutating func shutDown() {
        answerPauses(nil)
        outside.buffer.finish()
    }

    private mutating func deliverArrived() {
        guard !arrived.isEmpty else { return }
        relief.isLeft = outside.buffer.append(&arrived)
    }
}

extension TopologyDuty {
    /// What is done about something that is gone.
    fileprivate var remedy: String {
        switch self {
        case .declare: "declaring again what is gone"
        case .verify(let remedy): remedy
        }
    }
}
