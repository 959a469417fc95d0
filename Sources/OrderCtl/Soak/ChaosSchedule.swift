/// What breaks, and when: decided by a seed before anything starts.
///
/// Pure. The same seed, length, interval and programs give the same schedule.
struct ChaosSchedule: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        /// Since the load began.
        var at: Duration
        var action: ChaosAction
    }

    let entries: [Entry]

    /// Draws a schedule.
    ///
    /// Something breaks at least once in every `interval` (from its half to all of it after the one before), every kind
    /// once before one comes again, kills of workers twice as often. What has a length lasts from 2 s to a third of the
    /// interval, 10 s at most, so that it is over before the next.
    /// - Parameters:
    ///   - seed: Decides everything.
    ///   - length: Of the load; nothing begins in its last tenth, or half an interval where that is shorter.
    ///   - interval: At least 1 s.
    ///   - programs: The workers' names, and the order service's.
    init(seed: UInt64, length: Duration, every interval: Duration, programs: [String]) {
        var dice = SeededDice(seed: seed)
        var deck: [Kind] = []
        var entries: [Entry] = []
        var at = Duration.zero
        while true {
            at += .milliseconds(
                Int64.random(in: interval.wholeMilliseconds / 2...interval.wholeMilliseconds, using: &dice)
            )
            guard at <= length - min(length / 10, interval / 2) else { break }
            if deck.isEmpty { deck = Kind.deck.shuffled(using: &dice) }
            let kind = deck.removeLast()
            entries.append(
                Entry(at: at, action: Self.action(kind, programs: programs, interval: interval, &dice))
            )
        }
        self.entries = entries
    }

    /// How often each kind comes.
    var kinds: [String: Int] {
        entries.reduce(into: [:]) { $0[$1.action.kind, default: 0] += 1 }
    }

    private enum Kind: CaseIterable {
        case killWorker, killOrderService, killBroker, freezeWorker, freezeBroker, cutWire, cutWireAfter,
            stallWire,
            closeConnections, memoryAlarm

        static let deck = allCases + [.killWorker, .cutWire]
    }

    private static func action(
        _ kind: Kind,
        programs: [String],
        interval: Duration,
        _ dice: inout SeededDice
    ) -> ChaosAction {
        let longest = min(max(interval.wholeMilliseconds / 3, 2_000), 10_000)
        // Whole tenths of a second, for readers.
        let length = Duration.milliseconds(Int64.random(in: 20...longest / 100, using: &dice) * 100)
        let workers = programs.filter { $0 != "order-service" }
        let worker = workers.randomElement(using: &dice) ?? "order-service"
        switch kind {
        case .killWorker: return .kill(worker)
        case .killOrderService: return .kill("order-service")
        case .killBroker: return .killBroker
        case .freezeWorker: return .freeze(worker, length)
        case .freezeBroker: return .freezeBroker(length)
        case .cutWire: return .cutWire
        case .cutWireAfter:
            return .cutWireAfter(bytes: Int.random(in: 0...20_000, using: &dice), .seconds(2))
        case .stallWire:
            let way = ChaosAction.Stalled.allCases.randomElement(using: &dice) ?? .both
            return .stallWire(way, length)
        case .closeConnections: return .closeConnections
        case .memoryAlarm: return .memoryAlarm(length)
        }
    }
}

extension Duration {
    /// Parts of a millisecond are cut off.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
