import FaultProxy
import TestSupport

/// What happens to the wire between the programs and the broker.
extension Stage {
    /// Resets every connection, at once or in the middle of a frame.
    mutating func cutWire() async throws {
        for _ in 0..<4 {
            try await moment()
            if Bool.random(using: &dice) {
                await rig.proxy.cut()
            } else {
                let bytes = Int.random(in: 0...20_000, using: &dice)
                let direction = Direction.allCases.randomElement(using: &dice) ?? .toServer
                await rig.proxy.treat(.cut(afterBytes: bytes), [direction])
                try await moment()
                await rig.proxy.heal()
            }
        }
    }

    /// Long enough for the heartbeats to notice.
    mutating func stallWire() async throws {
        let directions: [Set<Direction>] = [[.toServer], [.toClient], [.toServer, .toClient]]
        let chosen = directions.randomElement(using: &dice) ?? [.toClient]
        await rig.proxy.treat(.stall, chosen)
        try await hold(180...240)
        await rig.proxy.heal()
        try await moment()
    }

    mutating func dripWire() async throws {
        let bytes = Int.random(in: 20...400, using: &dice)
        await rig.proxy.treat(.drip(bytes: bytes, every: .milliseconds(2)))
        try await hold(80...160)
        await rig.proxy.heal()
    }

    mutating func delayWire() async throws {
        for direction in Direction.allCases {
            let delay = Duration.milliseconds(Int.random(in: 50...400, using: &dice))
            await rig.proxy.treat(.delay(delay), [direction])
        }
        try await hold(80...160)
        await rig.proxy.heal()
    }

    mutating func halfCloseWire() async throws {
        for direction in Direction.allCases.shuffled(using: &dice) {
            await rig.proxy.halfClose(direction)
            try await moment()
            try await moment()
        }
        // A side that was told "end" and went on writing into nothing must notice by itself.
        try await hold(160...200)
    }

    /// A route that drops everything; what follows is a new connection, since TCP never resumes after a gap.
    mutating func swallowOnWire() async throws {
        let direction = Direction.allCases.randomElement(using: &dice) ?? .toServer
        await rig.proxy.treat(.swallow, [direction])
        try await hold(80...160)
        await rig.proxy.cut()
        await rig.proxy.heal()
    }

    mutating func refuseOnWire() async throws {
        await rig.proxy.refuseConnections()
        await rig.proxy.cut()
        try await hold(80...160)
        await rig.proxy.acceptConnections()
        try await moment()
    }
}
