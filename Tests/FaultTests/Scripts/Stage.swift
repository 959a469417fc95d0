import FaultProxy
import Synchronization
import TestSupport

/// Where a script plays: the system, the load on it, and the dice.
struct Stage {
    let rig: FaultRig
    let load: OrderLoad
    var dice: Dice
    /// Orders that must end as dead letters of inventory.
    let doomed = DoomedOrders()

    /// Holds a fault for a number of orders that the dice choose.
    mutating func hold(_ usual: ClosedRange<Int>) async throws {
        let orders = Int.random(in: usual, using: &dice)
        try await load.more(Laboratory.hold ?? orders)
    }

    /// Lets a few orders pass, so that the next fault strikes at another moment.
    mutating func moment() async throws {
        try await load.more(Int.random(in: 5...25, using: &dice))
    }
}

/// Ids of orders whose product nobody has.
final class DoomedOrders: Sendable {
    private let ids = Mutex<Set<String>>([])

    var all: Set<String> { ids.withLock { $0 } }

    func add(_ id: String) {
        ids.withLock { _ = $0.insert(id) }
    }
}
