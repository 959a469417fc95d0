import RabbitMQ

/// Decides which events are published when.
///
/// Pure: holds no connection and reads no clock. Events flow from memory right after their commit; the table is read
/// at the start, after a failure, and when memory was full, so that it is the truth and memory only the fast way.
///
///     sweeping ──read──▶ reading ──the table's end──▶ live
///        ▲  ▲               │ (more to come)            │ (memory full)
///        │  └───────────────┴───────────────────────────┘
///     resumed       any of them ──failed──▶ failing ──nothing in flight──▶ pausing ──resumed──▶ marking or sweeping
///
/// Order: batches are started one after another, oldest event first. After a failure everything in flight is waited
/// for and publishing begins again with the oldest unpublished event, so an event can only be overtaken by those
/// that were on their way together with it.
struct OutboxMachine {
    /// What the relay is to do.
    enum Action: Equatable {
        /// Read unpublished events from the table and report them with ``swept(_:)``.
        case read(after: String?, limit: Int)
        /// Publish, mark what was confirmed, and report with ``finished(_:unmarked:)``.
        case publish([Order])
        /// Mark these first: the broker has them and the table does not know. Report with ``remarked()``.
        case mark([String])
        /// Wait as long as the policy says for this attempt, then report with ``resumed()``.
        case pause(attempt: Int)
        /// Call ``gaveUp()`` once the time for stopping is up.
        case limitStopping
        /// Return, and abandon what is still in flight.
        case stop
    }

    /// Why the last attempt failed, for health checks; each says what it says about every event behind it.
    enum Fault: Equatable {
        case unroutable(String)
        case broker(String)
        case database(String)
    }

    private enum Phase: Equatable {
        case sweeping
        case reading
        case live
        case failing
        case pausing
        case marking
        case remarking
    }

    private enum Stopping {
        case no
        case asked
        case limited
        case overdue
    }

    /// Events published in one call: one write marks them all.
    static let batchLimit = 256
    /// Calls under way at once: enough that the broker works while earlier batches are being marked.
    static let widthLimit = 8
    /// Events read from the table at a time.
    static let readLimit = 1_024
    /// Events held in memory; beyond it they are read from the table again when their turn comes.
    static let memoryLimit = 8_192

    private var phase = Phase.sweeping
    private var queue = OrderQueue()
    /// Events committed since the reading began: the table's snapshot may lack them.
    private var arrivals: [Order] = []
    private var hasMissedArrivals = false
    /// The last event taken in; later ones sort after it.
    private var cursor: String?
    private var inFlight = 0
    private var attempt = 0
    private var unmarked: [String] = []
    private var stopping = Stopping.no

    /// The failure that publishing has not recovered from yet.
    private(set) var fault: Fault?

    /// A new order was committed; calls come in the order of commits.
    mutating func committed(_ order: Order) {
        switch phase {
        case .live:
            // A reading may have seen it before this call came.
            if let cursor, order.id <= cursor { return }
            guard queue.count < Self.memoryLimit else {
                phase = .sweeping
                return
            }
            take(order)
        case .reading:
            if arrivals.count < Self.memoryLimit { arrivals.append(order) } else { hasMissedArrivals = true }
        case .sweeping, .failing, .pausing, .marking, .remarking:
            // The next reading begins later than this commit and will see it.
            break
        }
    }

    /// The next thing to do, or nothing until another fact is reported.
    mutating func next() -> Action? {
        if stopping != .no, let action = nextWhileStopping() { return action }
        switch phase {
        case .failing where inFlight == 0:
            phase = .pausing
            return .pause(attempt: attempt)
        case .marking:
            phase = .remarking
            return .mark(unmarked)
        case .sweeping where queue.count < Self.batchLimit:
            phase = .reading
            arrivals = []
            hasMissedArrivals = false
            return .read(after: cursor, limit: Self.readLimit)
        default: break
        }
        guard !queue.isEmpty, inFlight < width, phase != .failing else { return nil }
        inFlight += 1
        return .publish(queue.popFirst(Self.batchLimit))
    }

    private mutating func nextWhileStopping() -> Action? {
        switch stopping {
        case .no: return nil
        case .asked:
            stopping = .limited
            return .limitStopping
        case .overdue: return .stop
        case .limited:
            guard inFlight == 0 else { return nil }
            // Who fails now would only wait for a better time, and there is none left.
            let isDone = phase == .live && queue.isEmpty || phase == .failing || phase == .pausing
            return isDone ? .stop : nil
        }
    }

    /// One batch at a time until one went well after a failure: a broken broker is not stormed.
    private var width: Int { attempt > 0 ? 1 : Self.widthLimit }

    /// A reading came back, in order.
    mutating func swept(_ orders: [Order]) {
        guard phase == .reading else { return }
        orders.forEach { take($0) }
        guard orders.count < Self.readLimit, !hasMissedArrivals else {
            arrivals = []
            phase = .sweeping
            return
        }
        for order in arrivals where cursor.map({ order.id > $0 }) ?? true { take(order) }
        arrivals = []
        phase = .live
        // The table holds nothing that waits, so no failure is left, whichever it was.
        if queue.isEmpty, inFlight == 0 {
            attempt = 0
            fault = nil
        }
    }

    /// A batch came back.
    /// - Parameters:
    ///   - fault: Why some of it was not confirmed or not marked; nothing when all is well.
    ///   - unmarked: Confirmed, but the table does not know.
    mutating func finished(_ fault: Fault?, unmarked: [String] = []) {
        inFlight -= 1
        self.unmarked.append(contentsOf: unmarked)
        guard let fault else {
            if phase != .failing {
                attempt = 0
                self.fault = nil
            }
            return
        }
        fail(fault)
    }

    /// What was confirmed before is marked now.
    mutating func remarked() {
        unmarked = []
        phase = .sweeping
    }

    /// A reading or a late marking failed.
    mutating func databaseFailed(_ reason: String) {
        fail(.database(reason))
    }

    /// The pause is over.
    mutating func resumed() {
        guard phase == .pausing else { return }
        cursor = nil
        phase = unmarked.isEmpty ? .sweeping : .marking
    }

    /// The program is stopping: publish what waits, start nothing after a failure.
    mutating func stopped() {
        if stopping == .no { stopping = .asked }
    }

    /// The time for stopping is up.
    mutating func gaveUp() {
        stopping = .overdue
    }

    private mutating func fail(_ fault: Fault) {
        self.fault = fault
        // Several batches that fail together are one failure.
        if phase != .failing { attempt += 1 }
        phase = .failing
        queue = OrderQueue()
        arrivals = []
    }

    private mutating func take(_ order: Order) {
        queue.append(order)
        cursor = order.id
    }
}
