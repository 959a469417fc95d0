import Logging
import Metrics
import OrderEvents
import Synchronization

/// Keeps this process's place among the order services on one database.
///
/// While it runs, the feed knows whether this process publishes: it does from a look that took or renewed the lease
/// until ``LeaseMachine/length`` after that look began. Alone it costs one small write a second, which shares its commit
/// with orders; with others about it also has the table looked at for their orders, every ``poll``.
final class OutboxLease: Sendable {
    /// How often the one that publishes looks for orders that others accepted.
    static let poll = Duration.milliseconds(200)

    private struct State {
        var machine: LeaseMachine
        var isShared = false
        var hasLooked = false
    }

    private let state: Mutex<State>
    private let store: LeaseStore
    private let feed: OutboxFeed
    private let logger: Logger
    private let othersWrote: @Sendable () -> Void
    private let leading = Meter(label: "outbox_leading")
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Creates a lease that nobody asks for yet.
    ///
    /// - Parameters:
    ///   - store: The row.
    ///   - feed: Told whether this process publishes; made `standingBy`.
    ///   - logger: Told when this process begins to stand by, and when it takes over.
    ///   - othersWrote: Called every ``LeaseMachine/period`` while other order services are about.
    ///   - sleep: Waits; throws when cancelled.
    init(
        store: LeaseStore,
        feed: OutboxFeed,
        logger: Logger,
        othersWrote: @escaping @Sendable () -> Void = {},
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        state = Mutex(State(machine: LeaseMachine(name: UUIDv7.next().description)))
        self.store = store
        self.feed = feed
        self.logger = logger
        self.othersWrote = othersWrote
        self.sleep = sleep
    }

    /// Takes, renews or watches the lease until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            await look()
            let isShared = state.withLock { $0.isShared }
            if isShared { othersWrote() }
            // Alone there is nothing in the table that memory does not know.
            let (step, count) =
                isShared && isLeading
                ? (Self.poll, Int(LeaseMachine.period / Self.poll)) : (LeaseMachine.period, 1)
            for _ in 0..<count {
                guard (try? await sleep(step)) != nil else { return }
                if isShared { feed.report { $0.othersMayHaveCommitted() } }
            }
        }
    }

    /// Looks once.
    func look() async {
        let (machine, wasShared) = state.withLock { ($0.machine, $0.isShared) }
        do {
            let looked = try await store.look(machine, isShared: wasShared)
            let isFirst = state.withLock { state in
                state.machine = looked
                state.isShared = looked.hasPeers
                defer { state.hasLooked = true }
                return !state.hasLooked
            }
            tell(machine.standing, looked.standing, isFirst: isFirst)
            feed.report(looked.standing)
        } catch {
            // Not renewed: the feed stops when its time is up, and finds that out when it is woken.
            feed.report(machine.standing)
            logger.debug("The outbox's lease could not be looked at", metadata: ["error": "\(error)"])
        }
    }

    /// Gives the lease back: whoever stands by takes over within a ``LeaseMachine/period``.
    func release() async {
        let machine = state.withLock { $0.machine }
        feed.report(.standingBy)
        leading.set(0)
        do {
            try await store.release(machine)
        } catch {
            logger.debug("The outbox's lease could not be given back", metadata: ["error": "\(error)"])
        }
    }

    private var isLeading: Bool {
        if case .leading = state.withLock({ $0.machine.standing }) { true } else { false }
    }

    private func tell(_ before: LeaseMachine.Standing, _ after: LeaseMachine.Standing, isFirst: Bool) {
        guard isFirst || (before == .standingBy) != (after == .standingBy) else { return }
        leading.set(after == .standingBy ? 0 : 1)
        if after == .standingBy {
            logger.info("Another order service publishes all events; this one stands by")
        } else {
            // Who finds nobody at the start need not say so.
            logger.log(level: isFirst ? .debug : .info, "This order service publishes all events from now on")
        }
    }
}
