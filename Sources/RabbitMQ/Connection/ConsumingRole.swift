internal import Confinement
internal import CrashPoints
internal import Logging

/// Consumes one queue and settles what the handlers decided.
struct ConsumingRole: ChannelRole {
    enum Command: Sendable {
        case settle(DeliveryTag, Settlement)
        /// Take no more from the queue.
        case cancel
    }

    static let restsWhileBlocked = false

    private static let consumerTag = "worker"

    private let queue: String
    private let prefetch: UInt16
    private let buffer: DeliveryBuffer
    private let epoch: EpochBox
    private let logger: Logger
    private var ledger = SettlementLedger()
    private var arrived: [Delivery] = []
    private var isOpen = false
    private var isCancelled = false
    private var cancelIsDue = false
    private var lingersUntil: Deadline?
    private var wroteSettlements = false

    /// How long a connection stays open after its last settlement.
    ///
    /// Within the broker, a channel sends a quorum queue 32 commands ahead and keeps the others until those are applied;
    /// closing at once forgets them, and finished work is delivered again.
    private static let linger = Duration.milliseconds(200)

    init(queue: String, prefetch: UInt16, buffer: DeliveryBuffer, epoch: EpochBox, logger: Logger) {
        self.queue = queue
        self.prefetch = prefetch
        self.buffer = buffer
        self.epoch = epoch
        self.logger = logger
    }

    var opening: [OutboundMethod] {
        isCancelled
            ? []
            : [.basicQos(prefetch: prefetch), .basicConsume(queue: queue, consumerTag: Self.consumerTag)]
    }

    /// Settlements are written in the turn in which they arrive; then the broker has a moment to pass them on.
    var isIdle: Bool { lingersUntil == nil }

    var nextDeadline: Deadline? { lingersUntil }

    mutating func channelOpened() {
        isOpen = true
        // Asked while the consumer was being set up: it is there now and must go.
        cancelIsDue = isCancelled
    }

    mutating func channelLost(_ error: RabbitMQError) {
        isOpen = false
        arrived = []
        buffer.discard()
        // What handlers still hold is of this epoch; its settlements are dropped from now on.
        ledger.channelClosed()
        epoch.current = ledger.epoch
        if isCancelled { buffer.finish() }
    }

    mutating func received(_ method: InboundMethod) throws(RabbitMQError) {
        switch method {
        case .basicConsumeOk:
            break
        case .basicCancel:
            throw RabbitMQError(
                .refused(.notFound),
                during: .consume,
                "the queue \(queue) was deleted or has moved"
            )
        case .basicCancelOk:
            deliverArrived()
            buffer.finish()
        default:
            break
        }
    }

    mutating func received(_ content: ContentAssembly.Content) throws(RabbitMQError) {
        guard let number = content.deliveryNumber else { return }
        guard let tag = ledger.delivered(number), let delivery = content.delivery(tag) else {
            throw RabbitMQError(.malformed, during: .consume, "delivery tag \(number) out of order")
        }
        arrived.append(delivery)
    }

    mutating func perform(_ command: Command, at now: Deadline) {
        switch command {
        case .settle(let tag, let settlement):
            lingersUntil = now.advanced(by: Self.linger)
            switch ledger.settle(tag, as: settlement) {
            case nil: break
            case .staleEpoch:
                logger.debug("Settlement of an earlier connection dropped: the broker delivers again")
            case .unknownTag:
                logger.error("A delivery was settled twice", metadata: ["queue": "\(queue)"])
            }
        case .cancel:
            guard !isCancelled else { return }
            isCancelled = true
            cancelIsDue = isOpen
            if !isOpen { buffer.finish() }
        }
    }

    func refuse(_ command: Command) {}

    mutating func write(to sink: inout some FrameSink & ~Copyable) throws(RabbitMQError) {
        for frame in ledger.flush() {
            try sink.method(frame, on: 1)
            wroteSettlements = true
        }
        if cancelIsDue {
            cancelIsDue = false
            try sink.method(.basicCancel(consumerTag: Self.consumerTag), on: 1)
        }
    }

    mutating func sent() {
        if wroteSettlements { CrashPoint.reached(.settlementWritten) }
        wroteSettlements = false
    }

    mutating func turnEnded() {
        deliverArrived()
    }

    mutating func expire(at now: Deadline) {
        if lingersUntil?.isPast(at: now) == true { lingersUntil = nil }
    }

    mutating func shutDown() {
        buffer.finish()
    }

    private mutating func deliverArrived() {
        guard !arrived.isEmpty else { return }
        buffer.append(arrived)
        arrived.removeAll(keepingCapacity: true)
    }
}
