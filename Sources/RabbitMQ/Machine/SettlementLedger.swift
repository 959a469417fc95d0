/// Knows which deliveries of the present channel are unsettled, and turns settlements into the fewest frames.
///
/// Pure. An acknowledgement of everything up to a tag becomes one `multiple` frame; it is used only where every older
/// delivery is settled, since `multiple` would settle the others along. Its size is bounded by prefetch: what is settled
/// and sent is forgotten, however long an older delivery stays in hand.
struct SettlementLedger {
    /// Why a settlement is not sent.
    enum Ignored: Equatable {
        /// The tag is of an earlier channel: the broker has requeued it, and its number names another message now.
        case staleEpoch
        /// Settled before, or never delivered. Sending it would close the channel (406).
        case unknownTag
    }

    /// Room for so many decisions is kept.
    private static let usualCount = 2_000

    /// Counts channels; the first is 1.
    private(set) var epoch: UInt32 = 1
    /// The tag that the next delivery must have; tags are 1, 2, 3, … without a gap.
    private var nextTag: UInt64 = 1
    /// Delivered, and nobody has decided yet.
    private var unsettled = TagWindow()
    /// No unsettled tag is below this one.
    ///
    /// Only ever moves up, one step for each tag.
    private var floor: UInt64 = 1
    /// Decided since the last flush.
    private var decided: [(tag: UInt64, settlement: Settlement)] = []

    /// The channel is gone: the next one's tags begin at 1, and nothing of this one can be settled any more.
    mutating func channelClosed() {
        epoch += 1
        nextTag = 1
        floor = 1
        unsettled = TagWindow()
        decided = []
        hasRefusal = false
    }

    /// The broker delivered a message.
    /// - Returns: Its tag, or `nil` if the number is not the next one, which no broker should send.
    mutating func delivered(_ number: UInt64) -> DeliveryTag? {
        guard number == nextTag else { return nil }
        nextTag += 1
        unsettled.append(number)
        return DeliveryTag(epoch: epoch, number: number)
    }

    /// The handler decided.
    /// - Returns: Why nothing will be sent, or `nil`: ``flush()`` has it.
    mutating func settle(_ tag: DeliveryTag, as settlement: Settlement) -> Ignored? {
        guard tag.epoch == epoch else { return .staleEpoch }
        guard unsettled.remove(tag.number) else { return .unknownTag }
        decided.append((tag.number, settlement))
        if settlement != .acknowledge { hasRefusal = true }
        return nil
    }

    /// The number of the channel's latest delivery; 0 before the first.
    var lastDelivered: UInt64 { nextTag - 1 }

    /// Whether nobody has anything in hand, and everything decided was flushed.
    var isSettled: Bool { unsettled.isEmpty && decided.isEmpty }

    /// Whether everything that was delivered is decided.
    var isDecided: Bool { unsettled.isEmpty }

    /// Decisions that the next ``flush()`` has.
    var awaiting: Int { decided.count }

    /// Whether one of them is no acknowledgement.
    private(set) var hasRefusal = false

    /// Deliveries and decisions that are kept, for the test of the bound.
    var size: Int { unsettled.count + decided.count }

    /// The frames for everything settled since the last flush.
    mutating func flush() -> [OutboundMethod] {
        guard !decided.isEmpty else { return [] }
        while floor < nextTag, !unsettled.contains(floor) { floor += 1 }
        // Mostly they are in order.
        decided.sort { $0.tag < $1.tag }
        hasRefusal = false
        var frames: [OutboundMethod] = []
        var covered: (last: UInt64, count: Int)?
        var apart: [OutboundMethod] = []
        for (tag, settlement) in decided {
            switch settlement {
            case .acknowledge where tag < floor: covered = (tag, (covered?.count ?? 0) + 1)
            case .acknowledge: apart.append(.basicAck(tag: tag, multiple: false))
            // Rejections first, so that the `multiple` that follows cannot take them along.
            case .requeue: frames.append(.basicNack(tag: tag, multiple: false, requeue: true))
            case .reject: frames.append(.basicNack(tag: tag, multiple: false, requeue: false))
            }
        }
        decided.removeAll(keepingCapacity: decided.count <= Self.usualCount)
        if let covered { frames.append(.basicAck(tag: covered.last, multiple: covered.count > 1)) }
        return frames + apart
    }
}
