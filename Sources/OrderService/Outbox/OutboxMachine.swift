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
///     promoted      any of them ──demoted──▶ standingBy ──promoted──▶ regrouping ──nothing under way──▶ as above
///
/// Several processes may commit orders to one table; one of them publishes. An order comes from memory only if it
/// follows the last one taken in without a gap; what others committed in between is read from the table. Identifiers
/// rise in the order of commits, so that nothing is ever committed behind the cursor.
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
        case standingBy
        case regrouping
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
    static let batchLimit = 1_024
    /// Calls under way at once, all but the first of them full: the broker works while earlier batches are being marked.
    ///
    /// What is less than full waits for the one under way to end, so that batches grow with the load: what a batch costs
    /// the broker, the workers and their disks it costs for one event as for many.
    static let widthLimit = 8
    /// Events read from the table at a time.
    static let readLimit = 1_024
    /// Events held in memory; beyond it they are read from the table again when their turn comes.
    static let memoryLimit = 8_192

    private var phase: Phase
    private var queue = OrderQueue()
    /// Events committed since the reading began: the table's snapshot may lack them.
    private var arrivals: [Arrival] = []
    private var hasMissedArrivals = false
    /// The last event taken in; later ones sort after it.
    private var cursor: String?
    private var inFlight = 0
    /// Readings and markings under way.
    private var errands = 0
    private var attempt = 0
    private var unmarked: [String] = []
    /// Whether other processes commit orders to the table, too.
    private var hasOthers = false
    private var stopping = Stopping.no

    /// The failure that publishing has not recovered from yet.
    private(set) var fault: Fault?

    private struct Arrival {
        let order: Order
        let predecessor: String?
    }

    /// Creates a machine that has seen nothing yet.
    ///
    /// - Parameter isAlone: Whether it may publish at once; else it stands by until it is ``promoted()``.
    init(isAlone: Bool = true) {
        phase = isAlone ? .sweeping : .standingBy
    }

    /// This process committed a new order; calls come in the order of its commits.
    ///
    /// - Parameters:
    ///   - order: The order.
    ///   - predecessor: The newest order of the table before it, whoever committed that one.
    mutating func committed(_ order: Order, after predecessor: String?) {
        switch phase {
        case .live:
            // A reading may have seen it before this call came.
            if let cursor, order.id <= cursor { return }
            guard queue.count < Self.memoryLimit, cursor == predecessor else {
                phase = .sweeping
                return
            }
            take(order)
        case .reading:
            if arrivals.count < Self.memoryLimit {
                arrivals.append(Arrival(order: order, predecessor: predecessor))
            } else {
                hasMissedArrivals = true
            }
        case .standingBy, .regrouping, .sweeping, .failing, .pausing, .marking, .remarking:
            // The next reading begins later than this commit and will see it.
            break
        }
    }

    /// Other processes may have committed orders: looks at the table.
    mutating func othersMayHaveCommitted() {
        hasOthers = true
        if phase == .live { phase = .sweeping }
    }

    /// This process publishes from now on; nothing changes where it did already.
    mutating func promoted() {
        if phase == .standingBy { phase = .regrouping }
    }

    /// Another process publishes: begins nothing more; what is under way is finished.
    mutating func demoted() {
        phase = .standingBy
        queue = OrderQueue()
        arrivals = []
        attempt = 0
        fault = nil
    }

    /// The next thing to do, or nothing until another fact is reported.
    mutating func next() -> Action? {
        if phase == .regrouping, inFlight == 0, errands == 0 {
            cursor = nil
            phase = unmarked.isEmpty ? .sweeping : .marking
        }
        if stopping != .no, let action = nextWhileStopping() { return action }
        switch phase {
        case .standingBy, .regrouping: return nil
        case .failing where inFlight == 0:
            phase = .pausing
            return .pause(attempt: attempt)
        case .marking:
            phase = .remarking
            errands += 1
            return .mark(unmarked)
        case .sweeping where queue.count < Self.batchLimit:
            phase = .reading
            arrivals = []
            hasMissedArrivals = false
            errands += 1
            return .read(after: cursor, limit: Self.readLimit)
        default: break
        }
        guard !queue.isEmpty, hasRoom, phase != .failing else { return nil }
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
            return switch phase {
            case .live: queue.isEmpty ? .stop : nil
            // Who fails now would only wait for a better time, and there is none left.
            case .failing, .pausing, .standingBy, .regrouping: .stop
            case .sweeping, .reading, .marking, .remarking: nil
            }
        }
    }

    /// Whether a batch may begin.
    ///
    /// One at a time until one went well after a failure: a broken broker is not stormed.
    private var hasRoom: Bool {
        if inFlight == 0 { return true }
        return attempt == 0 && inFlight < Self.widthLimit && queue.count >= Self.batchLimit
    }

    /// A reading came back, in order.
    mutating func swept(_ orders: [Order]) {
        errands -= 1
        guard phase == .reading else { return }
        orders.forEach { take($0) }
        guard orders.count < Self.readLimit, !hasMissedArrivals else {
            arrivals = []
            phase = .sweeping
            return
        }
        phase = .live
        for arrival in arrivals where cursor.map({ arrival.order.id > $0 }) ?? true {
            guard cursor == arrival.predecessor else {
                phase = .sweeping
                break
            }
            take(arrival.order)
        }
        arrivals = []
        // The table holds nothing that waits, so no failure is left, whichever it was.
        if phase == .live, queue.isEmpty, inFlight == 0 {
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
        errands -= 1
        unmarked = []
        if phase == .remarking { phase = .sweeping }
    }

    /// A reading or a late marking failed.
    mutating func databaseFailed(_ reason: String) {
        errands -= 1
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
        guard stopping == .no else { return }
        stopping = .asked
        if hasOthers { othersMayHaveCommitted() }
    }

    /// The time for stopping is up.
    mutating func gaveUp() {
        stopping = .overdue
    }

    private mutating func fail(_ fault: Fault) {
        // Whoever publishes now finds out for itself.
        guard phase != .standingBy, phase != .regrouping else { return }
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
