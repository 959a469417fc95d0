internal import Synchronization

/// Hands commands from any task to the one thread that owns a resource.
///
/// Holds at most `capacity` commands; a full mailbox refuses instead of waiting. Order is the order of acceptance.
public final class Mailbox<Command: Sendable>: Sendable {
    /// What became of an offered command.
    public enum Offer: Equatable, Sendable {
        /// The owning thread will see it.
        case accepted
        /// `capacity` commands are already waiting. Nothing was stored.
        case full
        /// The owner has stopped. Nothing was stored.
        case closed
    }

    private struct Contents {
        var waiting: [Command] = []
        var isClosed = false
    }

    private let contents = Mutex(Contents())
    private let capacity: Int

    /// Raised when the first command arrives; the owner sleeps on it.
    public let wake = WakeSignal()

    /// Creates an empty mailbox.
    /// - Parameter capacity: Most commands held at once, at least 1.
    public init(capacity: Int) {
        precondition(capacity > 0, "a mailbox must hold something")
        self.capacity = capacity
    }

    /// Offers a command.
    ///
    /// Any thread; never blocks beyond a short lock. `isUrgent` lets a command in although the mailbox is full: for the
    /// few that must not be lost, such as the one that stops the owner.
    public func offer(_ command: Command, isUrgent: Bool = false) -> Offer {
        var isFirst = false
        let offer: Offer = contents.withLock { contents in
            guard !contents.isClosed else { return .closed }
            guard isUrgent || contents.waiting.count < capacity else { return .full }
            isFirst = contents.waiting.isEmpty
            contents.waiting.append(command)
            return .accepted
        }
        // After the lock, so that the owner never wakes only to wait for it.
        if isFirst { wake.raise() }
        return offer
    }

    /// Takes everything waiting, oldest first.
    ///
    /// Owning thread only.
    public func takeAll() -> [Command] {
        // Lower first: an offer landing after this line raises the signal again.
        wake.lower()
        return contents.withLock { contents in
            guard !contents.waiting.isEmpty else { return [] }
            var taken: [Command] = []
            swap(&taken, &contents.waiting)
            return taken
        }
    }

    /// Refuses every later offer and returns what was still waiting.
    ///
    /// Owning thread only, as its last act, so that nobody waits for a thread that has gone.
    public func close() -> [Command] {
        contents.withLock { contents in
            contents.isClosed = true
            defer { contents.waiting = [] }
            return contents.waiting
        }
    }
}
