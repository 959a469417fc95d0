internal import Confinement

/// Knows which publishes wait for which answer.
///
/// Pure. The broker numbers the publishes of a channel 1, 2, 3, …; it confirms them out of order, one by one or
/// `multiple`, negatively too, and sends a `basic.return` before the confirm of the same message.
/// Source: RabbitMQ guide *Publisher Confirms*.
struct ConfirmLedger {
    /// Names one publish of one batch.
    struct Slot: Hashable {
        let batch: UInt64
        let index: Int
    }

    /// What identifies a returned message among those in flight.
    struct Key: Hashable {
        let messageID: String?
        let exchange: String
        let routingKey: String
    }

    private struct Entry {
        let slot: Slot
        let key: Key
        var returned: String?
        var isAnswered = false
    }

    /// The publish sequence number that `window[start]` stands for.
    private var firstNumber: UInt64 = 1
    private var window: [Entry] = []
    private var start = 0

    /// Publishes that wait for the broker.
    private(set) var count = 0

    /// A channel was opened in confirm mode: numbers begin at 1.
    mutating func channelOpened() {
        firstNumber = 1
        window = []
        start = 0
        count = 0
    }

    /// A message was written; the broker will number it next.
    mutating func published(_ slot: Slot, _ key: Key) {
        window.append(Entry(slot: slot, key: key))
        count += 1
    }

    /// The broker returned a message.
    ///
    /// Its confirm is still to come.
    ///
    /// Returns come in the order of publishing, so it is the oldest of that key that was not returned before.
    mutating func returned(_ key: Key, reason: String) {
        for index in start..<window.count where window[index].key == key {
            guard window[index].returned == nil, !window[index].isAnswered else { continue }
            window[index].returned = reason
            return
        }
    }

    /// The broker answered.
    /// - Returns: What became of each publish that this answers; empty for a number that is not in flight.
    mutating func answered(_ number: UInt64, multiple: Bool, positive: Bool) -> [(Slot, PublishOutcome)] {
        // 0 with `multiple` stands for everything so far (AMQP 0-9-1, basic.ack).
        let number = number == 0 && multiple ? firstNumber + UInt64(window.count - start) - 1 : number
        guard number >= firstNumber, number - firstNumber < UInt64(window.count - start) else { return [] }
        let last = start + Int(number - firstNumber)
        var outcomes: [(Slot, PublishOutcome)] = []
        for index in (multiple ? start : last)...last where !window[index].isAnswered {
            window[index].isAnswered = true
            count -= 1
            let outcome: PublishOutcome =
                if !positive {
                    .refused
                } else if let reason = window[index].returned {
                    .unroutable(reason)
                } else {
                    .confirmed
                }
            outcomes.append((window[index].slot, outcome))
        }
        dropAnswered()
        return outcomes
    }

    /// The channel is gone: nobody will answer any more.
    /// - Returns: Every publish that was waiting.
    mutating func drain() -> [Slot] {
        defer { channelOpened() }
        return window[start...].filter { !$0.isAnswered }.map(\.slot)
    }

    private mutating func dropAnswered() {
        while start < window.count, window[start].isAnswered {
            start += 1
            firstNumber += 1
        }
        // Compact when half is dead, so that the cost per publish stays constant.
        guard start > 1024, start * 2 > window.count else { return }
        window.removeFirst(start)
        start = 0
    }
}
