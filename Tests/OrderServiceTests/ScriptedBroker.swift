import RabbitMQ
import Synchronization
import TestSupport

@testable import OrderService

/// A publisher that does what a script says, and remembers every message it was given, in order.
final class ScriptedBroker: EventPublishing {
    /// Says what becomes of a message, by its number among all given so far.
    typealias Script = @Sendable (_ number: Int, _ message: OutgoingMessage) -> PublishOutcome

    private struct Contents {
        var messages: [OutgoingMessage] = []
        var batches: [Int] = []
        var script: Script
    }

    private let contents: Mutex<Contents>
    /// Each batch waits for it, when there is one.
    private let gate: Gate?

    init(gate: Gate? = nil, script: @escaping Script = { _, _ in .confirmed }) {
        contents = Mutex(Contents(script: script))
        self.gate = gate
    }

    func follow(_ script: @escaping Script) {
        contents.withLock { $0.script = script }
    }

    /// Identifiers of the events in the order in which they were given, repeats included.
    var eventIDs: [String] { contents.withLock { $0.messages.map { $0.properties.messageID ?? "" } } }

    var messages: [OutgoingMessage] { contents.withLock { $0.messages } }

    /// Sizes of the batches.
    var batches: [Int] { contents.withLock { $0.batches } }

    func publish(contentsOf messages: [OutgoingMessage], within patience: Duration) async -> [PublishOutcome]
    {
        let outcomes = contents.withLock { contents in
            contents.batches.append(messages.count)
            return messages.map { message in
                contents.messages.append(message)
                return contents.script(contents.messages.count - 1, message)
            }
        }
        await gate?.pass()
        return outcomes
    }
}

/// Holds whoever comes until it is opened, for good.
final class Gate: Sendable {
    private struct Contents {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let contents = Mutex(Contents())

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = contents.withLock { contents in
                if !contents.isOpen { contents.waiting.append(continuation) }
                return contents.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = contents.withLock { contents in
            defer { contents.waiting = [] }
            contents.isOpen = true
            return contents.waiting
        }
        waiting.forEach { $0.resume() }
    }

    var count: Int { contents.withLock { $0.waiting.count } }
}
