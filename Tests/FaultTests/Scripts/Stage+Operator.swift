import FaultProxy
import TestSupport

/// What an operator does by mistake, and takes back.
extension Stage {
    /// The queue is empty, since a deleted queue takes its messages along.
    mutating func deleteQueue() async throws {
        try await pausingLoad { rig in
            try await rig.settles()
            for service in FaultRig.services {
                try await rig.manage("DELETE", "queues/\(rig.host)/\(service)")
            }
            try await Self.allBound(rig)
        }
    }

    mutating func deleteExchange() async throws {
        try await pausingLoad { rig in
            try await rig.settles()
            try await rig.manage("DELETE", "exchanges/\(rig.host)/orders.events")
            try await Self.allBound(rig)
        }
    }

    private static func allBound(_ rig: FaultRig) async throws {
        let expected = Set(FaultRig.services)
        try await eventually(within: .seconds(120), "every service's queue is bound again") {
            try await rig.boundQueues().isSuperset(of: expected)
        }
    }

    /// The load so far ends, the body runs on a system at rest, and another load goes on after it.
    private mutating func pausingLoad(_ body: (FaultRig) async throws -> Void) async throws {
        let rig = rig
        try await load.rest(while: { try await body(rig) })
        try await moment()
    }

    mutating func revokePermissions() async throws {
        try await rig.setPermitted(false)
        // A channel keeps what it was permitted for a while; a new one asks.
        await rig.proxy.cut()
        try await hold(60...120)
        try await rig.setPermitted(true)
        try await moment()
    }

    mutating func changePassword() async throws {
        try await rig.setPassword("another-\(UInt32.random(in: 0...999, using: &dice))")
        await rig.proxy.cut()
        try await hold(60...120)
        try await rig.setPassword(rig.host)
        try await moment()
    }
}
