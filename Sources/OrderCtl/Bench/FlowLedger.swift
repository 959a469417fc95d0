import OrderEvents
import WorkQueue

/// Which orders have had all of their effects, and how long that took.
///
/// Pure; times are nanoseconds on one clock. An outcome may come before the answer to the request that caused it, and
/// outcomes of orders that others placed come too: such are kept for ``stray`` and then forgotten.
struct FlowLedger: Sendable {
    /// Whose effects make an order complete.
    enum Service: String, CaseIterable, Sendable {
        case inventory, notification
    }

    private struct Entry {
        /// Nil until the order's answer has come.
        var intended: Int64?
        var first: Int64
        var inventory: Moment?
        var notification: Moment?
    }

    /// An effect's two times.
    struct Moment: Sendable {
        /// When the service had decided, by its own clock, which tells milliseconds: the end of that one.
        var decided: Int64
        /// When its outcome was read here.
        var read: Int64
    }

    /// How long an outcome without an order is kept.
    static let stray: Int64 = 30_000_000_000

    private let began: Int64
    private var entries: [UUIDv7: Entry] = [:]
    /// Orders whose answer has come.
    private(set) var accepted = 0
    /// Orders with both effects.
    private(set) var complete = 0
    /// Orders whose first outcome came before their answer.
    private(set) var outrun = 0
    /// Orders of nobody here, whose outcomes were forgotten.
    private(set) var foreign = 0
    /// How effects ended, by service and state; each order's first counts.
    private(set) var states: [String: Int] = [:]
    /// Of complete orders: from when the request was meant to be sent until the last outcome was read.
    private(set) var latency = LatencyHistogram()
    /// Of complete orders: from then to the last effect, where the services' clocks are right.
    private(set) var effect = LatencyHistogram()
    private(set) var timeline = LatencyTimeline()

    /// Begins with nothing.
    ///
    /// - Parameter began: When the first second begins.
    init(began: Int64) {
        self.began = began
    }

    /// Orders accepted that lack an effect.
    var missing: Int { accepted - complete }

    /// The first orders, in their order, that lack an effect, and whose it is.
    func missingOrders(limit: Int) -> [String] {
        entries.filter { $0.value.intended != nil }.sorted { $0.key < $1.key }.prefix(limit)
            .map { order, entry in
                let lacks = [("inventory", entry.inventory), ("notification", entry.notification)]
                    .filter { $0.1 == nil }.map(\.0)
                return "\(order) without \(lacks.joined(separator: " and "))"
            }
    }

    /// An order's answer has come.
    mutating func accepted(_ order: UUIDv7, intended: Int64, at now: Int64) {
        accepted += 1
        var entry = entries[order] ?? Entry(first: now)
        if entry.inventory != nil || entry.notification != nil { outrun += 1 }
        entry.intended = intended
        settle(order, entry)
    }

    /// An outcome has come; one that is none yet, such as of an attempt that failed, changes nothing.
    mutating func outcome(_ state: Outcome.State, of order: UUIDv7, at service: Service, _ moment: Moment) {
        guard state == .done || state == .rejected else {
            states["\(service.rawValue) \(state.rawValue)", default: 0] += 1
            return
        }
        var entry = entries[order] ?? Entry(first: moment.read)
        switch service {
        case .inventory where entry.inventory == nil: entry.inventory = moment
        case .notification where entry.notification == nil: entry.notification = moment
        case .inventory, .notification: return
        }
        states["\(service.rawValue) \(state.rawValue)", default: 0] += 1
        settle(order, entry)
    }

    /// Forgets what nobody here will ask for; to be called now and then.
    mutating func forgetStrays(at now: Int64) {
        let old = entries.filter { $0.value.intended == nil && $0.value.first < now - Self.stray }
        foreign += old.count
        for order in old.keys { entries[order] = nil }
    }

    private mutating func settle(_ order: UUIDv7, _ entry: Entry) {
        guard let intended = entry.intended, let inventory = entry.inventory,
            let notification = entry.notification
        else {
            entries[order] = entry
            return
        }
        entries[order] = nil
        complete += 1
        let last = max(inventory.read, notification.read)
        let decided = max(inventory.decided, notification.decided)
        effect.add(microseconds: max(decided - intended, 0) / 1_000)
        latency.add(microseconds: (last - intended) / 1_000)
        timeline.add(
            microseconds: (last - intended) / 1_000,
            in: Int(max(last - began, 0) / 1_000_000_000)
        )
    }
}
