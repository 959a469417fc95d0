public import RabbitMQ
import Synchronization

/// Publishes single messages at a steady rate, each until it is confirmed, and knows the longest silence.
public final class ConfirmProbe: Sendable {
    private struct State {
        var confirmed: Set<String> = []
        var lastConfirm = ContinuousClock.now
        var longestGap = Duration.zero
        var isFinished = false
    }

    private let publisher: Publisher
    private let exchange: String
    private let routingKey: String
    private let state = Mutex(State())

    /// Prepares a probe; somebody else runs the publisher.
    public init(_ publisher: Publisher, exchange: String, routingKey: String) {
        self.publisher = publisher
        self.exchange = exchange
        self.routingKey = routingKey
    }

    /// The ids of what the broker has confirmed.
    public var confirmed: Set<String> { state.withLock { $0.confirmed } }

    /// The longest time without a confirm since ``forgetGaps()``, up to now.
    public var longestGap: Duration {
        state.withLock { max($0.longestGap, $0.lastConfirm.duration(to: .now)) }
    }

    /// Begins to measure anew.
    public func forgetGaps() {
        state.withLock { state in
            state.longestGap = .zero
            state.lastConfirm = .now
        }
    }

    /// Ends it; ``run(rate:)`` returns when everything begun is confirmed.
    public func finish() {
        state.withLock { $0.isFinished = true }
    }

    /// Publishes until ``finish()``.
    ///
    /// - Throws: ``NotInTime`` where a message is not confirmed within two minutes.
    public func run(rate: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var due = ContinuousClock.now
            var number = 0
            while !state.withLock({ $0.isFinished }) {
                due = due.advanced(by: .seconds(1) / rate)
                try await Task.sleep(until: due, clock: .continuous)
                group.addTask { [number] in try await self.publish("probe-\(number)") }
                number += 1
            }
            try await group.waitForAll()
        }
    }

    private func publish(_ id: String) async throws {
        let message = OutgoingMessage(
            exchange: exchange,
            routingKey: routingKey,
            properties: MessageProperties(deliveryMode: .persistent, messageID: id),
            body: Array(id.utf8)
        )
        try await eventually(within: .seconds(120), every: .milliseconds(20), "\(id) is confirmed") {
            await publisher.publish(message, within: .seconds(10)).isConfirmed
        }
        state.withLock { state in
            let now = ContinuousClock.now
            state.longestGap = max(state.longestGap, state.lastConfirm.duration(to: now))
            state.lastConfirm = now
            state.confirmed.insert(id)
        }
    }
}
