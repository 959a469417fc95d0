public import Synchronization

/// Hands commands from any task to the one thread that owns a resource.
///
/// Inlinable, as each settlement of each message goes through it and generic code across modules costs as much as the
/// rest of it. Holds at most `capacity` commands; a full mailbox refuses instead of waiting. Order is the order of acceptance.
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

    @usableFromInline
    struct Contents {
        @usableFromInline var waiting: [Command] = []
        @usableFromInline var isClosed = false
        /// One of them does not wait for company.
        @usableFromInline var isPressing = false
        /// While the owner dozes: so many wake it, however patient.
        @usableFromInline var company: Int?

        @inlinable
        init() {}

        /// - Returns: Whether the owner is to be woken.
        @inlinable
        mutating func add(_ command: Command, isPatient: Bool) -> Bool {
            waiting.append(command)
            if !isPatient { isPressing = true }
            guard let company else { return waiting.count == 1 }
            return !isPatient || waiting.count == company
        }
    }

    @usableFromInline let contents: Mutex<Contents>
    @usableFromInline let capacity: Int

    /// Raised when the first command arrives; the owner sleeps on it.
    public let wake = WakeSignal()

    /// Creates an empty mailbox.
    /// - Parameter capacity: Most commands held at once, at least 1.
    public init(capacity: Int) {
        precondition(capacity > 0, "a mailbox must hold something")
        self.capacity = capacity
        contents = Mutex(Contents())
    }

    /// Offers a command.
    ///
    /// Any thread; never blocks beyond a short lock.
    /// - Parameters:
    ///   - command: What the owner is to do.
    ///   - isUrgent: Lets it in although the mailbox is full: for the few that must not be lost, such as the one that
    ///     stops the owner.
    ///   - isPatient: Leaves an owner that dozes asleep until there is company: see ``doze(until:company:)``.
    /// - Returns: What became of it.
    @inlinable
    public func offer(_ command: Command, isUrgent: Bool = false, isPatient: Bool = false) -> Offer {
        var wakes = false
        let offer: Offer = contents.withLock { contents in
            guard !contents.isClosed else { return .closed }
            guard isUrgent || contents.waiting.count < capacity else { return .full }
            wakes = contents.add(command, isPatient: isPatient)
            return .accepted
        }
        // After the lock, so that the owner never wakes only to wait for it.
        if wakes { wake.raise() }
        return offer
    }

    /// Sleeps for a moment in which patient commands gather.
    ///
    /// Ends at the deadline, with a command that is not patient, and when so many are there. Whatever ended it, commands
    /// may wait for which nothing is raised: the owner takes them before it sleeps again.
    ///
    /// Owning thread only.
    /// - Parameters:
    ///   - deadline: Soon.
    ///   - company: How many commands are worth a wake, at least 1.
    @inlinable
    public func doze(until deadline: Deadline, company: Int) {
        // The first of those that gathered before has raised it.
        wake.lower()
        let mayDoze = contents.withLock { contents in
            guard !contents.isPressing, contents.waiting.count < company else { return false }
            contents.company = company
            return true
        }
        guard mayDoze else { return }
        _ = wake.sleep(until: deadline, watching: nil, forWriting: false)
        contents.withLock { $0.company = nil }
    }

    /// Takes everything waiting, oldest first.
    ///
    /// Owning thread only.
    /// - Parameter commands: Empty; has everything afterwards. The next commands wait in the room that it brings, so that
    ///   nobody who offers one looks for memory under the lock.
    @inlinable
    public func takeAll(into commands: inout [Command]) {
        // Lower first: an offer landing after this line raises the signal again.
        wake.lower()
        contents.withLock { contents in
            guard !contents.waiting.isEmpty else { return }
            contents.isPressing = false
            swap(&commands, &contents.waiting)
        }
    }

    /// Refuses every later offer and returns what was still waiting.
    ///
    /// Owning thread only, as its last act, so that nobody waits for a thread that has gone.
    @inlinable
    public func close() -> [Command] {
        contents.withLock { contents in
            contents.isClosed = true
            defer { contents.waiting = [] }
            return contents.waiting
        }
    }
}
