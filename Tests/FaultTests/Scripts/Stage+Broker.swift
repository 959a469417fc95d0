import RabbitMQNode
import TestSupport

/// What happens to the broker as a whole.
extension Stage {
    mutating func killBroker() async throws {
        for service in FaultRig.services {
            try await rig.broker.waitUntilRegistered("\(rig.host)_\(service)")
        }
        await rig.broker.node.kill()
        try await moment()
        try await rig.broker.startAgain()
        try await moment()
    }

    mutating func restartBroker() async throws {
        await rig.broker.node.stop()
        try await moment()
        try await rig.broker.startAgain()
        try await moment()
    }

    /// Connections stay open and nothing answers.
    mutating func freezeBroker() async throws {
        await rig.broker.node.pause()
        try await hold(180...240)
        await rig.broker.node.resume()
        try await moment()
    }

    mutating func raiseMemoryAlarm() async throws {
        try await rig.broker.setMemoryAlarm(true)
        try await hold(80...160)
        try await rig.broker.setMemoryAlarm(false)
    }

    mutating func raiseDiskAlarm() async throws {
        _ = try await rig.broker.node.rabbitmqctl(["set_disk_free_limit", "100000GB"])
        try await hold(80...160)
        _ = try await rig.broker.node.rabbitmqctl(["set_disk_free_limit", "64MB"])
    }

    mutating func closeConnections() async throws {
        for _ in 0..<2 {
            try await moment()
            try await rig.broker.closeAllConnections()
        }
    }
}
