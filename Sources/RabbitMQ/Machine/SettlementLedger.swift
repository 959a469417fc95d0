/// Knows which deliveries of the present channel are unsettled, and turns settlements into the fewest frames.
///
/// Pure. Delivery tags of a channel are 1, 2, 3, … without a gap, so the ledger is a window over them.
/// An acknowledgement of everything up to a tag becomes one `multiple` frame; it is used only where every older
/// delivery is acknowledged too, since `multiple` would settle the others along.
struct SettlementLedger {
    /// Why a settlement is not sent.
    enum Ignored: Equatable {
        /// The tag is of an earlier channel: the broker has requeued it, and its number names another message now.
        case staleEpoch
        /// Settled before, or never delivered. Sending it would close the channel (406).
        case unknownTag
    }

    private enum Mark {
        case unsettled, acknowledged, rejected(requeue: Bool), sent
    }

    /// Counts channels; the first is 1.
    private(set) var epoch: UInt32 = 1
    /// The delivery tag that `window[start]` stands for.
    private var firstTag: UInt64 = 1
    private var window: [Mark] = []
    private var start = 0
    private var isDirty = false

    /// The channel is gone: the next one's tags begin at 1, and nothing of this one can be settled any more.
    mutating func channelClosed() {
        epoch += 1
        firstTag = 1
        window = []
        start = 0
        isDirty = false
    }

    /// The broker delivered a message.
    /// - Returns: Its tag, or `nil` if the number is not the next one, which no broker should send.
    mutating func delivered(_ number: UInt64) -> DeliveryTag? {
        guard number == firstTag + UInt64(window.count - start) else { return nil }
        window.append(.unsettled)
        return DeliveryTag(epoch: epoch, number: number)
    }

    /// The handler decided.
    /// - Returns: Why nothing will be sent, or `nil`: ``flush()`` has it.
    mutating func settle(_ tag: DeliveryTag, as settlement: Settlement) -> Ignored? {
        guard tag.epoch == epoch else { return .staleEpoch }
        guard tag.number >= firstTag, tag.number - firstTag < UInt64(window.count - start) else {
            return .unknownTag
        }
        let index = start + Int(tag.number - firstTag)
        guard case .unsettled = window[index] else { return .unknownTag }
        window[index] =
            switch settlement {
            case .acknowledge: .acknowledged
            case .requeue: .rejected(requeue: true)
            case .reject: .rejected(requeue: false)
            }
        isDirty = true
        return nil
    }

    /// Deliveries that nobody has settled yet.
    var unsettledCount: Int {
        window[start...].count { if case .unsettled = $0 { true } else { false } }
    }

    /// The frames for everything settled since the last flush.
    mutating func flush() -> [OutboundMethod] {
        guard isDirty else { return [] }
        isDirty = false
        var frames: [OutboundMethod] = []
        let prefix = prefixOfAcknowledged()
        if let last = prefix.last {
            frames.append(.basicAck(tag: last, multiple: prefix.count > 1))
        }
        for index in start..<window.count {
            let tag = firstTag + UInt64(index - start)
            switch window[index] {
            case .unsettled, .sent: continue
            case .acknowledged: frames.append(.basicAck(tag: tag, multiple: false))
            case .rejected(let requeue):
                frames.append(.basicNack(tag: tag, multiple: false, requeue: requeue))
            }
            window[index] = .sent
        }
        dropSent()
        return frames
    }

    /// Marks the acknowledged run at the window's start as sent and returns the tags that one frame covers.
    ///
    /// Tags already sent inside the run do no harm: the broker no longer knows them, and `multiple` skips them.
    private mutating func prefixOfAcknowledged() -> (last: UInt64?, count: Int) {
        var last: UInt64?
        var count = 0
        for index in start..<window.count {
            switch window[index] {
            case .acknowledged:
                last = firstTag + UInt64(index - start)
                count += 1
                window[index] = .sent
            case .sent: continue
            case .unsettled, .rejected: return (last, count)
            }
        }
        return (last, count)
    }

    private mutating func dropSent() {
        while start < window.count, case .sent = window[start] {
            start += 1
            firstTag += 1
        }
        // Compact when half is dead, so that the cost per delivery stays constant.
        guard start > 1024, start * 2 > window.count else { return }
        window.removeFirst(start)
        start = 0
    }
}
